"""Recall by kind and spelling, and what look-alikes are mistaken for: counted on the corpus."""

from collections import Counter
from dataclasses import dataclass
from functools import cache

from opendata.vocabulary import Semantic
from pipelines.bench.pii_corpus import (
    NEGATIVES,
    PLANTED,
    SPELLINGS,
    Negatives,
    Planted,
    negatives,
    planted,
)

SEED = 20260331


@dataclass(frozen=True, slots=True)
class Recall:
    """How many planted identifiers of one kind and spelling were found whole."""

    found: int
    planted: int


def recall(each: Planted, spelling: str, count: int, *, seed: int = SEED) -> Recall:
    """Plant and look: found means that one span of the kind covers every character of it."""
    from resources.recognisers import find

    found = sum(
        any(
            span.kind is each.kind and _covers(text[span.start : span.end], made, spelling)
            for span in find(text)
        )
        for text, made in planted(each, spelling, count, seed=seed)
    )
    return Recall(found, count)


def _covers(seen: str, made: str, spelling: str) -> bool:
    from resources.reading import INVISIBLE, reading

    if spelling in ("base64", "half_masked"):
        return bool(seen)
    loose = str.maketrans("", "", f" -·.,:{INVISIBLE}")
    inside = reading(seen).translate(loose).upper()
    return made.translate(loose).upper() in inside


def mistaken(each: Negatives, count: int, *, seed: int = SEED) -> Counter[Semantic]:
    """What look-alikes of a family are taken for, by rows."""
    from resources.recognisers import find

    texts = negatives(each, count, seed=seed)
    return Counter(kind for text in texts for kind in {span.kind for span in find(text)})


@cache
def _table(count: int) -> tuple[tuple[Planted, dict[str, Recall]], ...]:
    return tuple(
        (each, {name: recall(each, name, count) for name in each.spellings}) for each in PLANTED
    )


def recall_rows(count: int) -> list[str]:
    """The table of recall as lines of Markdown: kinds down, spellings across."""
    across = list(SPELLINGS)
    lines = [
        "| 类别 | " + " | ".join(SPELLINGS[name][0] for name in across) + " |",
        "|---" * (len(across) + 1) + "|",
    ]
    for each, found in _table(count):
        cells = [_percent(found[name]) if name in found else "—" for name in across]
        lines.append(f"| {each.title} | " + " | ".join(cells) + " |")
    return lines


def precision_rows(count: int) -> list[str]:
    """Look-alikes mistaken, by family; then the precision of each kind over both halves."""
    lines = ["| 相似而非 | 文本 | 误认 | 误认为 |", "|---|--:|--:|---|"]
    wrong: Counter[Semantic] = Counter()
    for each in NEGATIVES:
        taken = mistaken(each, count)
        wrong += taken
        said = "、".join(f"{kind.value} {rows}" for kind, rows in taken.most_common()) or "—"
        lines.append(f"| {each.title} | {count} | {sum(taken.values())} | {said} |")
    right: Counter[Semantic] = Counter()
    for planted_kind, found in _table(count):
        right[planted_kind.kind] += sum(each.found for each in found.values())
    lines += ["", "| 类别 | 认出 | 误认 | 精确率 |", "|---|--:|--:|--:|"]
    for kind, rows in right.items():
        share = rows / (rows + wrong[kind]) if rows else 0
        lines.append(f"| {kind.value} | {rows} | {wrong[kind]} | {share:.2%} |")
    return lines


def _percent(each: Recall) -> str:
    return "1" if each.found == each.planted else f"{each.found / each.planted:.2f}"
