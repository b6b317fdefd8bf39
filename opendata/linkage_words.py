"""Linkage in words: the finding as a steward reads it, and the draft for the expert committee.

Counts of people below five are never told apart. What the regulations ask for comes from the
home's regime, with the clause.
"""

from collections.abc import Iterator

from opendata.catalog import Catalog, Dataset
from opendata.errors import UnknownDataset
from opendata.gate_texts import enumeration, gate_texts, standing
from opendata.law import clause
from opendata.linkage import Difference, Link, Linkage, LinkageVerdict
from opendata.pages import words
from opendata.regime import Regime

_ADVICE = {
    LinkageVerdict.BLOCK: "请泛化或者删除关联所用的数据项，或者删除直接标识符后重新处理；"
    "不得以评估代替。",
    LinkageVerdict.REVIEW: "请组织数据安全评估，登记结论（opendata risk assess）后重新处理；"
    "也可泛化准标识符，使关联后的同类组不少于要求。",
    LinkageVerdict.NONE: "无须处理。",
}
_CONSULT = {
    "shall": "应当征求专家委员会意见",
    "may": "可以征求专家委员会意见",
    "none": "条文未要求征求专家委员会意见",
}
_LIMITS = (
    "样本中唯一不等于人口中唯一，实际对应同一人的比例取决于抽样比例；"
    "未开放的、本市以外的数据无从比对，不在测算之内。"
)


def in_words(catalog: Catalog, finding: Link | Difference) -> str:
    """The finding in one sentence, without a full stop."""
    if isinstance(finding, Difference):
        return _difference(catalog, finding)
    ours, theirs = (title_of(catalog, each) for each in (finding.dataset, finding.other))
    return (
        f"“{ours}”与已开放的“{theirs}”按{_keys(catalog, finding)}关联，"
        f"两边均唯一并且对应的有{words.small_count(finding.linked)}条，其中"
        f"{words.small_count(finding.singled_out)}条合并后的同类组不足{finding.required_k}条，"
        f"由此可得知{enumeration(_titles(catalog, finding.other, finding.attached))}"
    )


def advice(finding: Link | Difference) -> str:
    """What the steward can do about it."""
    return _ADVICE[finding.verdict]


def title_of(catalog: Catalog, dataset_id: str) -> str:
    """The title of a dataset; its id where the catalog no longer lists it."""
    found = _listed(catalog, dataset_id)
    return found.title if found else dataset_id


def linkage_sentences(catalog: Catalog, linkage: Linkage | None) -> tuple[str, ...]:
    """What a dataset's page says; nothing where it was not compared."""
    if linkage is None:
        return ()
    if not linkage.findings:
        return (f"与已开放的{linkage.compared}个涉及个人的数据集及上一版本比对，未发现关联风险。",)
    return tuple(
        f"{each.verdict.value}：{in_words(catalog, each)}。{advice(each)}"
        for each in linkage.findings
    )


def evidence(
    catalog: Catalog, regime: Regime, finding: Link | Difference
) -> tuple[tuple[str, str], ...]:
    """The draft for the committee, item by item: what a person still has to judge is said so."""
    return tuple(_evidence(catalog, regime, finding))


def _evidence(
    catalog: Catalog, regime: Regime, finding: Link | Difference
) -> Iterator[tuple[str, str]]:
    yield "事项", f"“{title_of(catalog, finding.dataset)}”开放前的数据汇聚、关联分析安全评估"
    yield "测算结果", f"{in_words(catalog, finding)}。"
    yield "测算口径", "；".join(_counts(catalog, finding)) + "。"
    yield "可能后果", _consequence(finding)
    yield "测算的局限", _LIMITS
    yield "依据", basis(regime)
    yield "本市规则的初步意见", f"{finding.verdict.value}。{advice(finding)}"
    yield (
        "请委员会明确",
        "是否可能产生涉敏、涉密数据；可否开放，以何种方式、条件开放；结论的有效期。",
    )


def basis(regime: Regime) -> str:
    """The clauses of the home's regulations, and whether the committee is to be asked."""
    grounds = standing(gate_texts()["RSK-03"], regime.ids)
    cited = [clause(each) for ground in grounds for each in ground.clauses]
    quoted = "；".join(f"{each.citation}“{each.quote}”" for each in cited)
    return f"{quoted or '本市规则'}。{_CONSULT[regime.value('risk.mosaic')['consult']]}。"


def _counts(catalog: Catalog, finding: Link | Difference) -> Iterator[str]:
    if isinstance(finding, Difference):
        titles = enumeration(_titles(catalog, finding.dataset, finding.quasi_identifiers))
        yield f"准标识符为{titles}，同类组要求不少于{finding.required_k}条"
        yield f"与第{finding.before}版相比新增{finding.came:,}条、减少{finding.went:,}条"
        return
    yield f"本数据集{finding.rows:,}条，其中关联项组合唯一的{words.small_count(finding.unique)}条"
    yield (
        f"对方{finding.other_rows:,}条，其中关联项组合唯一的"
        f"{words.small_count(finding.other_unique)}条"
    )
    yield f"两边相乘不足五对的{words.small_count(finding.small)}条"
    yield f"对方由此得知{enumeration(_titles(catalog, finding.dataset, finding.given))}"


def _consequence(finding: Link | Difference) -> str:
    if isinstance(finding, Difference):
        return "持有两个版本的人可以认出单独新增或者减少的记录，得知其全部开放内容。"
    if finding.naming:
        return "一方含有直接标识符，关联后可以指名对应到另一方的记录。"
    return "关联后可以把两处的内容归到同一人名下，准标识符增多，更易与外部信息对应。"


def _difference(catalog: Catalog, finding: Difference) -> str:
    return (
        f"“{title_of(catalog, finding.dataset)}”与第{finding.before}版对照，"
        f"单独新增的记录{words.small_count(finding.appeared)}条、"
        f"单独减少的{words.small_count(finding.vanished)}条"
        f"（所在同类组增减不足{finding.required_k}条），对照两版可以认出"
    )


def _keys(catalog: Catalog, finding: Link) -> str:
    ours = _listed(catalog, finding.dataset)
    return enumeration(words.title_of(ours, each) if ours else each for each, _, _ in finding.keys)


def _titles(catalog: Catalog, dataset_id: str, names: tuple[str, ...]) -> list[str]:
    found = _listed(catalog, dataset_id)
    return [f"“{words.title_of(found, each) if found else each}”" for each in names]


def _listed(catalog: Catalog, dataset_id: str) -> Dataset | None:
    try:
        return catalog.dataset(dataset_id)
    except UnknownDataset:
        return None
