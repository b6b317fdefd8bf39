"""Cases and gates: all a gate may look at, when it looks, what it says if something is wrong.

Values only. The checks are ``gates.py``, their words ``gate_texts.py``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import ClassVar

from opendata.agreement import Agreement
from opendata.catalog import Catalog, Dataset
from opendata.findings import Freshness, LeakFinding, QualityReport, Risk
from opendata.linkage import Assessment, Linkage
from opendata.regime import Regime
from opendata.settings import Settings
from opendata.sourcing import Dispute
from opendata.vocabulary import Action, Openness
from opendata.waivers import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A version about to be released, as found and measured, not as planned.

    ``columns`` are those in the file; ``treated`` says what the masker did to each; ``leaks`` is
    None when the scan did not finish; ``risk`` is None when groups were not measured, ``linkage``
    when the file was not compared with what is open;
    ``recordable`` says whether the processing record can be written before the release.
    """

    columns: tuple[str, ...]
    treated: Mapping[str, Action]
    quality: QualityReport
    freshness: Freshness
    leaks: tuple[LeakFinding, ...] | None
    risk: Risk | None
    data_time: date | None
    live_data_time: date | None
    recordable: bool
    linkage: Linkage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One dataset before the gates on the day ``as_of``.

    ``withheld`` maps suspended or withdrawn dataset ids to their case; ``shared_paths`` are lineage
    paths from data obtained by sharing to released columns (``shared_credit.grade -> grade``);
    ``agreements`` say how carried elements compare with their source, ``disputes`` are those
    open in this home, ``waivers`` and ``assessments`` those given for this dataset.
    """

    dataset: Dataset
    catalog: Catalog
    regime: Regime
    settings: Settings
    as_of: date
    withheld: Mapping[str, str] = field(default_factory=dict)
    shared_paths: tuple[str, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What a check found: the blanks of the text, which ``wording``, and whose rule is broken.

    ``regimes`` None means all of the home's regulations. ``bound`` is what a waiver of it binds to,
    where the blanks are only words for that.
    """

    blanks: Mapping[str, str] = field(default_factory=dict)
    wording: str | None = None
    regimes: tuple[str, ...] | None = None
    bound: tuple[str, ...] = ()


class Stage(Enum):
    """What a gate needs to see: the catalog entry alone, or the file about to be released."""

    ENTRY = "entry"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True)
class EntryGate:
    """A gate that judges the declarations."""

    id: str
    check: Callable[[Case], Iterable[Breach]]
    stage: ClassVar[Stage] = Stage.ENTRY

    def breaches(self, case: Case) -> Iterable[Breach]:
        """What it finds wrong with the case."""
        return self.check(case)


@dataclass(frozen=True, slots=True)
class CandidateGate:
    """A gate that judges the file about to be released; silent while there is none."""

    id: str
    check: Callable[[Case, Candidate], Iterable[Breach]]
    stage: ClassVar[Stage] = Stage.CANDIDATE

    def breaches(self, case: Case) -> Iterable[Breach]:
        """What it finds wrong with the case's candidate."""
        return self.check(case, case.candidate) if case.candidate else ()


def missing_elements(dataset: Dataset, elements: Iterable[str]) -> tuple[str, ...]:
    """Chinese titles of the catalogue ``elements`` that the entry leaves empty, in that order."""
    # An element an entry has no place for (share_type, supervision_measures) cannot be asked of it.
    asked = [ELEMENTS[each] for each in elements if each in ELEMENTS]
    return tuple(dict.fromkeys(title for title, held in asked if not held(dataset)))


def _has_a_method(dataset: Dataset) -> bool:
    return bool(dataset.channels) or dataset.openness is Openness.NOT_OPEN


def _has_conditions(dataset: Dataset) -> bool:
    return bool(dataset.conditions) or dataset.openness is not Openness.CONDITIONAL


ELEMENTS: Mapping[str, tuple[str, Callable[[Dataset], object]]] = MappingProxyType(
    {
        "name": ("数据名称", lambda entry: entry.title),
        "dataset": ("数据名称", lambda entry: entry.title),
        "metadata": ("数据名称", lambda entry: entry.title),
        "opener": ("数据开放主体", lambda entry: entry.body),
        "provider": ("数据开放主体", lambda entry: entry.body),
        "attribute": ("数据开放属性", lambda entry: entry.openness),
        "open_attribute": ("数据开放属性", lambda entry: entry.openness),
        "format": ("数据格式", lambda entry: entry.formats),
        "type": ("数据类型", lambda entry: entry.kind),
        "method": ("数据开放方式", _has_a_method),
        "frequency": ("数据更新频率", lambda entry: entry.update_frequency),
        "summary": ("数据摘要", lambda entry: entry.summary),
        "items": ("数据项", lambda entry: entry.fields),
        "domain": ("数据领域", lambda entry: entry.theme),
        "security_level": ("安全级别", lambda entry: entry.security_level),
        "conditions": ("开放条件", _has_conditions),
        "use_conditions": ("使用条件", _has_conditions),
    }
)
"""Catalogue elements a regulation may require, as an entry holds them; conditions are asked of
conditionally open data only."""
