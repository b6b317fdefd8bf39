"""What was measured of re-identification, in sentences a steward can act on.

Each says the figure, what was asked, and what it means. The figures are ``findings.Risk``; whether
they are enough is ``risk_gates.py``.
"""

from collections.abc import Iterator

from opendata.catalog import Dataset
from opendata.findings import Diversity, Risk
from opendata.gate_texts import enumeration
from opendata.pages import words


def risk_sentences(dataset: Dataset, risk: Risk | None) -> tuple[str, ...]:
    """The paragraphs of the page; none where nothing was measured."""
    return tuple(_sentences(dataset, risk)) if risk else ()


def _sentences(dataset: Dataset, risk: Risk) -> Iterator[str]:
    if risk.quasi_identifiers:
        yield _of_groups(dataset, risk)
    elif risk.small_cells is None:
        yield "未设准标识符，不计最小同类组。"
    if risk.suppressed_rows:
        yield (
            f"为此删去{words.small_count(risk.suppressed_rows)}条"
            f"（{words.percent(risk.suppressed_share)}，上限"
            f"{words.percent(dataset.release.max_suppression)}）。"
        )
    for each in risk.diversity:
        yield _of_values(dataset, each)
    if risk.small_cells is not None:
        yield _of_cells(dataset, risk)


def _of_groups(dataset: Dataset, risk: Risk) -> str:
    titles = enumeration(words.title_of(dataset, each) for each in risk.quasi_identifiers)
    asked = f"（要求不少于{risk.required_k}条）" if risk.required_k else ""
    k = words.number(risk.k)
    small = ""
    if risk.small_rows:
        small = f"；{words.percent(risk.small_share)}的记录在不足{risk.required_k}条的同类组中"
    known = (
        "知道某人这些情况的人，可能直接认出他的记录。"
        if risk.k == 1
        else f"知道某人这些情况的人，至少面对{k}条相同的记录，无法断定哪一条是他。"
    )
    return f"按登记的准标识符（{titles}），脱敏后最小同类组{k}条{asked}{small}：{known}"


def _of_values(dataset: Dataset, found: Diversity) -> str:
    title, asked = words.title_of(dataset, found.field), dataset.release
    if found.distinct is None or found.entropy is None or found.distance is None:
        return f"敏感属性“{title}”：没有记录，未测量。"
    limit = f"，要求不超过{asked.t:g}" if asked.t is not None else ""
    return (
        f"敏感属性“{title}”：每个同类组至少{found.distinct}种取值（要求不少于{asked.l}种；"
        f"按熵折算{found.entropy:.1f}种），与全部数据的分布最多相差{found.distance:.2f}"
        f"（0为相同，1为完全不同{limit}）：只知道某人在哪一组，不能断定他的“{title}”。"
        if found.distinct >= max(asked.l, 2)
        else f"敏感属性“{title}”：有同类组仅{found.distinct}种取值（要求不少于{asked.l}种），"
        f"知道某人在该组即知其“{title}”。"
    )


def _of_cells(dataset: Dataset, risk: Risk) -> str:
    cells = dataset.release.small_cell
    if cells is None:
        return ""
    title = words.title_of(dataset, cells.count)
    return (
        f"“{title}”小于{cells.below}的计数不公布：连同防止由合计减出的计数，共置空"
        f"{words.number(risk.hidden_cells)}个"
        + (f"；仍有{risk.small_cells}个可见或者可推出。" if risk.small_cells else "。")
    )
