"""Views in, self-contained Chinese pages out: no script, no outside address, no font to fetch.

Only the drawing lives here and in the templates beside it; what is said is decided in ``needs.py``,
``verdict.py`` and ``words.py``. ``view_json`` says the same to machines.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined

from opendata.pages import words
from opendata.pages.needs import Need, needs_of_row, needs_of_version
from opendata.pages.verdict import CLEAN, headline
from opendata.pages.views import OverviewRow, OverviewView, VersionView
from opendata.plain import plain
from opendata.vocabulary import Punctuality, Verdict

SHOWN_NEEDS = 8
"""Needs printed in full at the head of a version page; the rest are counted."""

SHOWN_ROWS = 150
"""Datasets printed line by line on the overview; the rest are counted per body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    row: OverviewRow
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _BodyLine:
    title: str
    total: int
    open: int
    held: int
    overdue: int
    needy: int


def version_page(view: VersionView) -> str:
    """The page a steward reads about one dataset in one run: a whole HTML document."""
    needs = needs_of_version(view)
    return (
        _templates()
        .get_template("version.html")
        .render(
            view=view,
            frame=view.frame,
            needs=needs[:SHOWN_NEEDS],
            more=len(needs) - len(needs[:SHOWN_NEEDS]),
            headline=headline(view, needs),
        )
    )


def overview_page(view: OverviewView) -> str:
    """The page about a whole run: what needs whom, most urgent first, and every body's count."""
    lines = sorted((_Line(row=row, needs=needs_of_row(row)) for row in view.rows), key=_by_urgency)
    needy = [line for line in lines if line.needs]
    return (
        _templates()
        .get_template("overview.html")
        .render(
            view=view,
            frame=view.frame,
            lines=lines[:SHOWN_ROWS],
            more=len(lines) - len(lines[:SHOWN_ROWS]),
            needy=len(needy),
            must=sum(any(need.weight == "must" for need in line.needs) for line in needy),
            counts=_counts(view),
            bodies=_body_lines(lines),
            shown=SHOWN_ROWS,
        )
    )


def view_json(view: VersionView | OverviewView) -> str:
    """The same for machines: terms by code, days in ISO, needs spelled out, small counts hidden."""
    tree = plain(view)
    if isinstance(view, VersionView):
        tree["needs"] = [asdict(each) for each in needs_of_version(view)]
        tree["leaks"] = view.leaks and [
            plain(leak) | {"count": words.small_count(leak.count)} for leak in view.leaks
        ]
        for line, source in zip(tree["sources"], view.sources, strict=True):
            if source.personal:
                line["agreement"] |= {
                    name: words.small_count(line["agreement"][name])
                    for name in ("agree", "differ", "missing", "not_compared")
                }
        for reason in (tree["quality"] or {}).get("reasons", ()):
            reason["shapes"] = [
                [shape, words.small_count(count)] for shape, count in reason["shapes"]
            ]
    else:
        for line, row in zip(tree["rows"], view.rows, strict=True):
            line["needs"] = [asdict(each) for each in needs_of_row(row)]
    tree["legal_status"] = words.LEGAL_STATUS
    return json.dumps(tree, ensure_ascii=False, sort_keys=True, indent=1)


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


def _body_lines(lines: list[_Line]) -> tuple[_BodyLine, ...]:
    titles = dict.fromkeys(line.row.body_title for line in lines)
    return tuple(
        _body_line(title, [line for line in lines if line.row.body_title == title])
        for title in sorted(titles)
    )


def _body_line(title: str, lines: list[_Line]) -> _BodyLine:
    verdicts = [line.row.outcome.verdict for line in lines]
    opened = (Verdict.RELEASED, Verdict.RELEASED_CONDITIONALLY)
    held = (Verdict.BLOCKED, Verdict.FAILED, Verdict.SUSPENDED)
    return _BodyLine(
        title=title,
        total=len(lines),
        open=sum(verdict in opened for verdict in verdicts),
        held=sum(verdict in held for verdict in verdicts),
        overdue=sum(_is_overdue(line.row) for line in lines),
        needy=sum(bool(line.needs) for line in lines),
    )


def _is_overdue(row: OverviewRow) -> bool:
    freshness = row.outcome.freshness
    return freshness is not None and freshness.punctuality is Punctuality.OVERDUE


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "words": words,
        "clean": CLEAN,
        "stylesheet": _text("page.css"),
    }
    return environment


def _text(name: str) -> str:
    return resources.files("opendata.pages").joinpath(name).read_text(encoding="utf-8")
