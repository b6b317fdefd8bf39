"""Gates on the file about to be released: what is in it, what was done to it, how it was judged.

One check a gate, asked only once there is a candidate. How easily somebody is singled out in it is
``risk_gates.py``; gates on the declarations, and the order of all of them, are ``gates.py``; what a
gate says is ``gate_texts.py``.
"""

from collections.abc import Iterator, Mapping

from opendata.case import Breach, Candidate, Case
from opendata.catalog import Dataset, Field
from opendata.catalog_schema import PERSONAL_SEMANTICS
from opendata.desensitise import conflicts
from opendata.findings import Freshness, LeakFinding, QualityReport
from opendata.gate_texts import enumeration
from opendata.pages.words import score
from opendata.vocabulary import Action, Punctuality, Role


def columns_as_listed(case: Case, candidate: Candidate) -> Iterator[Breach]:
    """The file holds exactly the columns the catalogue lists, no more and no fewer."""
    listed = {each.name: each.title for each in case.dataset.released_fields}
    extra = [each for each in candidate.columns if each not in listed]
    missing = [title for name, title in listed.items() if name not in candidate.columns]
    if extra or missing:
        yield Breach(blanks={"extra": enumeration(extra), "missing": enumeration(missing)})


def desensitised(case: Case, candidate: Candidate) -> Iterator[Breach]:
    """Every identifying column was treated, or is kept on a ground, and the scan found nothing."""
    found = [each for each in case.dataset.fields if each.name in candidate.columns]
    bare = [each.title for each in found if _untreated(each, candidate.treated)]
    if bare:
        yield Breach(blanks={"columns": enumeration(bare)})
    if beside := conflicts(case.dataset):
        told = "".join(each.sentence for each in beside)
        yield Breach(blanks={"conflicts": told}, wording="beside")
    if candidate.leaks is None:
        yield Breach(wording="unscanned")
        return
    leaks = [each for each in candidate.leaks if each.blocks]
    if leaks:
        yield Breach(
            blanks={"leaks": enumeration(_leak(case, each) for each in leaks)}, wording="leak"
        )


def _untreated(each: Field, treated: Mapping[str, Action]) -> bool:
    identifying = each.semantic in PERSONAL_SEMANTICS or each.role is not Role.PLAIN
    kept = treated.get(each.name, Action.KEEP) is Action.KEEP
    return identifying and kept and not each.treatment.ground


def _leak(case: Case, leak: LeakFinding) -> str:
    titles = {each.name: each.title for each in case.dataset.fields}
    return f"{titles.get(leak.column, leak.column)}（{leak.semantic}，{leak.count}处）"


def good_enough(case: Case, candidate: Candidate) -> Iterator[Breach]:
    """Score, 问题数据 and decisive rules are as the entry asks of itself."""
    shortfalls = list(_shortfalls(case.dataset, candidate.quality))
    if shortfalls:
        yield Breach(blanks={"shortfalls": "；".join(shortfalls)})


def _shortfalls(dataset: Dataset, report: QualityReport) -> Iterator[str]:
    asked = dataset.quality
    rate = report.quarantined / report.rows if report.rows else 0.0
    if report.score_to_release < asked.min_score:
        yield f"得分{score(report.score)}，要求不低于{asked.min_score:g}"
    if rate > asked.max_quarantine_rate:
        yield f"问题数据占{rate:.2%}，要求不超过{asked.max_quarantine_rate:.2%}"
    for each in report.decisive:
        yield f"未通过：{each.expectation.description}"


def up_to_date(case: Case, candidate: Candidate) -> Iterator[Breach]:
    """The data is not overdue, and not older than what is open already."""
    fresh, live = candidate.freshness, candidate.live_data_time
    yield from lateness(case.dataset, fresh)
    if candidate.data_time and live and candidate.data_time < live:
        times = {"data_time": candidate.data_time.isoformat(), "live": live.isoformat()}
        yield Breach(blanks=times, wording="older")


def lateness(dataset: Dataset, freshness: Freshness) -> Iterator[Breach]:
    """What an overdue dataset is told, whenever it is judged."""
    if freshness.punctuality is Punctuality.OVERDUE:
        promised = dataset.update_frequency
        frequency = promised.value if promised else "未标注"
        yield Breach(blanks={"frequency": frequency, "days": str(freshness.overdue_days)})


def recordable(_: Case, candidate: Candidate) -> Iterator[Breach]:
    """The processing record can be written before the release."""
    if not candidate.recordable:
        yield Breach()
