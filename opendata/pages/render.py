"""Views in, self-contained Chinese pages out: no script, no outside address, no font to fetch.

Only the drawing lives here and in the templates beside it; what is said is decided in ``needs.py``,
``verdict.py`` and ``words.py``. ``view_json`` says the same to machines.
"""

import json
from collections import Counter
from dataclasses import dataclass

from opendata.findings import RuleResult
from opendata.pages import words
from opendata.pages.body_views import BodyView, UnopenedView
from opendata.pages.deidentification import DeidentificationView
from opendata.pages.duties import duties_of
from opendata.pages.needs import Need, needs_of_row, needs_of_version
from opendata.pages.periods import kept_in_words, period_cells
from opendata.pages.risk_words import risk_sentences
from opendata.pages.templates import page_of
from opendata.pages.trend import curves, scale_floor
from opendata.pages.verdict import headline
from opendata.pages.views import OverviewRow, OverviewView, SourceLine, VersionView
from opendata.plain import JsonValue, plain
from opendata.vocabulary import Punctuality, Verdict

SHOWN_NEEDS = 8
"""Needs printed in full at the head of a version page; the rest are counted."""

SHOWN_RULES = 40
"""Rule results printed in one table; where there are more, those that hold are folded away."""

SHOWN_ROWS = 150
"""Datasets printed line by line on the overview; the rest are counted per body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    row: OverviewRow
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fold:
    """Rule results shown in one table, folded away unless ``opened``."""

    title: str
    results: tuple[RuleResult, ...]
    opened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _BodyLine:
    title: str
    href: str | None
    total: int
    open: int
    held: int
    overdue: int
    needy: int


def version_page(view: VersionView) -> str:
    """The page a steward reads about one dataset in one run: a whole HTML document."""
    needs = needs_of_version(view)
    return page_of(
        "version.html",
        view=view,
        frame=view.frame,
        needs=needs[:SHOWN_NEEDS],
        more=len(needs) - len(needs[:SHOWN_NEEDS]),
        headline=headline(view, needs),
        cells=period_cells(view.periods),
        kept=kept_in_words(view.periods),
        curves=curves(view.trend),
        floor=scale_floor(view.trend),
        folds=_folds(view.quality.results if view.quality else ()),
        risk=risk_sentences(view.dataset, view.risk),
    )


def overview_page(view: OverviewView) -> str:
    """The page about a whole run: what needs whom, most urgent first, and every body's count."""
    lines = sorted((_Line(row=row, needs=needs_of_row(row)) for row in view.rows), key=_by_urgency)
    needy = [line for line in lines if line.needs]
    return page_of(
        "overview.html",
        view=view,
        frame=view.frame,
        lines=lines[:SHOWN_ROWS],
        more=len(lines) - len(lines[:SHOWN_ROWS]),
        needy=len(needy),
        must=sum(any(need.weight == "must" for need in line.needs) for line in needy),
        counts=_counts(view),
        bodies=_body_lines(view, lines),
        shown=SHOWN_ROWS,
    )


def body_page(view: BodyView) -> str:
    """The page about one body: what it has to do by deadline, and what it should have opened."""
    return page_of("body.html", view=view, frame=view.frame, groups=duties_of(view))


def unopened_page(view: UnopenedView) -> str:
    """The page about what should be open and is not: a count per body, then every dataset."""
    counts = Counter(each.body_title for each in view.rows)
    return page_of(
        "unopened.html", view=view, frame=view.frame, counts=sorted(counts.items(), key=_most_first)
    )


def deidentification_page(view: DeidentificationView) -> str:
    """The de-identification report of one release (去标识化报告)."""
    return page_of("deidentification.html", view=view, frame=view.frame)


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _folds(results: tuple[RuleResult, ...]) -> tuple[_Fold, ...]:
    """Rule results in the tables they are shown in: all in one, or what failed open to the eye."""
    if len(results) <= SHOWN_RULES:
        return (_Fold(title="", results=results, opened=True),) if results else ()
    failed = tuple(each for each in results if not each.success)
    folds = [
        _Fold(title="未通过", results=failed[:SHOWN_RULES], opened=True),
        _Fold(title="其余未通过", results=failed[SHOWN_RULES:], opened=False),
    ]
    for dimension in dict.fromkeys(each.expectation.dimension for each in results):
        held = tuple(
            each for each in results if each.success and each.expectation.dimension is dimension
        )
        folds.append(_Fold(title=f"{dimension.value}：通过", results=held, opened=False))
    return tuple(each for each in folds if each.results)


def list_json(view: BodyView | UnopenedView) -> str:
    """A body's page or the list of what is not open for machines, duties spelled out in order."""
    tree = plain(view)
    if isinstance(view, BodyView):
        for line, row in zip(tree["rows"], view.rows, strict=True):
            _hide_small_counts(line["sources"], row.sources)
        tree["duties"] = [
            {"group": group.id, "dataset": each.row.row.outcome.dataset_id} | plain(each.need)
            for group in duties_of(view)
            for each in group.duties
        ]
    return _json(tree)


def report_json(view: DeidentificationView) -> str:
    """The de-identification report for machines."""
    return _json(plain(view))


def view_json(view: VersionView | OverviewView) -> str:
    """The same for machines: terms by code, days in ISO, needs spelled out, small counts hidden."""
    tree = plain(view)
    if isinstance(view, VersionView):
        tree["needs"] = [plain(each) for each in needs_of_version(view)]
        tree["leaks"] = view.leaks and [
            plain(leak) | {"count": words.small_count(leak.count)} for leak in view.leaks
        ]
        _hide_small_counts(tree["sources"], view.sources)
        for reason in (tree["quality"] or {}).get("reasons", ()):
            reason["shapes"] = [
                [shape, words.small_count(count)] for shape, count in reason["shapes"]
            ]
    else:
        for line, row in zip(tree["rows"], view.rows, strict=True):
            line["needs"] = [plain(each) for each in needs_of_row(row)]
    return _json(tree)


def _json(tree: dict[str, JsonValue]) -> str:
    tree["legal_status"] = words.LEGAL_STATUS
    return json.dumps(tree, ensure_ascii=False, sort_keys=True, indent=1)


def _hide_small_counts(told: list[dict[str, JsonValue]], sources: tuple[SourceLine, ...]) -> None:
    """Agreement of personal fields is told without telling small counts apart."""
    for line, source in zip(told, sources, strict=True):
        if source.personal:
            line["agreement"] |= {
                name: words.small_count(line["agreement"][name])
                for name in ("agree", "differ", "missing", "not_compared")
            }


def _by_urgency(line: _Line) -> tuple[int, int, str]:
    """Withheld first, then late (the later the earlier), then other needs, then the rest."""
    outcome = line.row.outcome
    late = outcome.freshness.overdue_days if outcome.freshness else 0
    withheld = outcome.verdict in (Verdict.SUSPENDED, Verdict.BLOCKED, Verdict.FAILED)
    rank = 0 if withheld else 1 if late else 2 if line.needs else 3
    return rank, -late, outcome.dataset_id


def _counts(view: OverviewView) -> tuple[tuple[Verdict, int], ...]:
    found = Counter(row.outcome.verdict for row in view.rows)
    return tuple((verdict, found[verdict]) for verdict in Verdict if found[verdict])


def _body_lines(view: OverviewView, lines: list[_Line]) -> tuple[_BodyLine, ...]:
    pages = dict(view.body_pages)
    grouped: dict[str, list[_Line]] = {title: [] for title in pages}
    for line in lines:
        grouped.setdefault(line.row.body_title, []).append(line)
    return tuple(_body_line(title, pages.get(title), grouped[title]) for title in sorted(grouped))


def _body_line(title: str, href: str | None, lines: list[_Line]) -> _BodyLine:
    verdicts = [line.row.outcome.verdict for line in lines]
    opened = (Verdict.RELEASED, Verdict.RELEASED_CONDITIONALLY)
    held = (Verdict.BLOCKED, Verdict.FAILED, Verdict.SUSPENDED)
    return _BodyLine(
        title=title,
        href=href,
        total=len(lines),
        open=sum(verdict in opened for verdict in verdicts),
        held=sum(verdict in held for verdict in verdicts),
        overdue=sum(_is_overdue(line.row) for line in lines),
        needy=sum(bool(line.needs) for line in lines),
    )


def _is_overdue(row: OverviewRow) -> bool:
    freshness = row.outcome.freshness
    return freshness is not None and freshness.punctuality is Punctuality.OVERDUE
