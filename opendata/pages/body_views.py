"""What the pages about a body and about what is not open show, as frozen values.

The page of one dataset and the overview are ``views.py``; the evaluation sheet is
``opendata/evaluation.py``.
"""

from dataclasses import dataclass
from datetime import date

from opendata.findings import Refusal
from opendata.pages.views import Frame, OverviewRow, SourceLine
from opendata.vocabulary import Openness
from opendata.waivers import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """An article a page rests on: its citation, and the phrase verbatim."""

    citation: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRow:
    """One dataset of a body: its line, what it carries from elsewhere, waivers about to end."""

    row: OverviewRow
    sources: tuple[SourceLine, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unopened:
    """A dataset listed as open of which nothing is open, and why.

    ``state`` is a word of two to four characters; ``refusals`` are what bars it now, empty when it
    was never run. ``since`` is the first day of judgement on which it was barred without having
    been let through after; None when the record does not tell.
    """

    dataset_id: str
    title: str
    body: str
    body_title: str
    openness: Openness
    state: str
    refusals: tuple[Refusal, ...] = ()
    since: date | None = None
    listed_on: date | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnopenedView:
    """Everything of a city that should be open and is not.

    ``listed`` counts the datasets listed as open, ``not_open`` those listed as 不予开放.
    """

    frame: Frame
    rows: tuple[Unopened, ...]
    grounds: tuple[Ground, ...]
    listed: int
    not_open: int
    stem: str | None = None
    overview_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyView:
    """One body: what it has to do, by when, and what of its data should be open and is not.

    ``mending`` is the article under which 问题数据 are to be mended, where a regulation has one.
    """

    frame: Frame
    title: str
    rows: tuple[BodyRow, ...]
    unopened: tuple[Unopened, ...]
    mending: Ground | None = None
    stem: str | None = None
    overview_href: str | None = None
    unopened_href: str | None = None
