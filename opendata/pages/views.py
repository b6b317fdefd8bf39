"""What a page shows, as frozen values: the whole of a page's input and nothing else.

Built from seam values by whoever ran the datasets; turned into HTML by ``render.py``. A view holds
no paths, no clock and no value taken from a data row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from opendata.agreement import Agreement
from opendata.catalog import Dataset
from opendata.findings import LeakFinding, Outcome, QualityReport, Risk
from opendata.punctuality import KeptPeriod
from opendata.vocabulary import Action, DeploymentRole, LegalStatus, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeLine:
    """A regulation the rules of this run were taken from, and where it stands."""

    title: str
    status: LegalStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page of one run says about that run.

    ``as_of`` is the day law and freshness were judged on, ``run_at`` the wall clock (time-zone
    aware, in the home's zone); ``record_text`` is the words of the link to the processing record
    and ``record_href`` its relative address, if there is one. Until the regimes are ``adopted`` by
    a signed decision every page is marked 试行规则.
    """

    city: str
    deployment_role: DeploymentRole
    regimes: tuple[RegimeLine, ...]
    catalog_version: str
    as_of: date
    run_at: datetime
    record_sequence: int | None = None
    record_text: str = "处理记录"
    record_href: str | None = None
    adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedField:
    """脱敏 of one field: its role, what was done, on what ground, and what can still be seen."""

    title: str
    role: Role
    action: Action
    preset: str | None = None
    ground: str | None = None
    survives: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVersion:
    """An earlier released version; ``rows`` is what was released."""

    version: int
    data_time: date | None
    released_on: date
    rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionScores:
    """How a released version was scored: 0 to 100 by the code of each dimension assessed."""

    version: int
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRule:
    """A rule of the regimes that this product cannot judge yet (尚未判断), and what it asks."""

    rule: str
    title: str
    citation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictLine:
    """One row that differs from its source: values where both are open anyway, else digests."""

    title: str
    key: str
    ours: str
    theirs: str
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One carried element beside its source (一数一源), and the first rows that differ.

    ``personal`` fields are counted without telling small counts apart.
    """

    title: str
    element: str
    source: str
    body: str
    agreement: Agreement
    personal: bool = False
    conflicts: tuple[ConflictLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """One dataset in one run.

    ``history`` is newest first and leaves the version of this run out. ``released_sha`` is the
    SHA-256 of the released file, None when nothing was released. ``pending_rules`` counts the rules
    nobody has judged for this dataset. ``trend`` are the last released versions whose scores are
    known, ``periods`` how those of the declared frequency were kept, both oldest first. Addresses
    are relative to the page; ``stem`` is the name of the CSV, XLSX and JSON files beside it.
    """

    frame: Frame
    dataset: Dataset
    body_title: str
    outcome: Outcome
    lead_body_title: str | None = None
    quality: QualityReport | None = None
    leaks: tuple[LeakFinding, ...] | None = None
    risk: Risk | None = None
    linkage: tuple[str, ...] = ()
    treatments: tuple[TreatedField, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    pending_rules: int = 0
    released_sha: str | None = None
    history: tuple[PastVersion, ...] = ()
    trend: tuple[VersionScores, ...] = ()
    periods: tuple[KeptPeriod, ...] = ()
    overview_href: str | None = None
    body_href: str | None = None
    deidentification_href: str | None = None
    stem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewRow:
    """One dataset's line on the overview; ``href`` is the relative address of its version page."""

    outcome: Outcome
    body_title: str
    href: str | None = None
    contact_role: str | None = None
    failed_rules: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectedCopy:
    """疑似重复: one finding in words, what to do about it, and the page of the probable copy."""

    text: str
    remedy: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewView:
    """Every dataset of one run. ``copies`` is None where datasets were never compared.

    ``body_pages`` are the bodies' titles with the addresses of their pages, ``sheets`` the
    addresses of other pages with their words; ``unopened`` counts what should be open and is not.
    """

    frame: Frame
    rows: tuple[OverviewRow, ...]
    pending: tuple[PendingRule, ...] = ()
    copies: tuple[SuspectedCopy, ...] | None = None
    body_pages: tuple[tuple[str, str], ...] = ()
    unopened: int = 0
    unopened_href: str | None = None
    sheets: tuple[tuple[str, str], ...] = ()
    stem: str | None = None
