from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from assets.dossier import Dossier, from_json, said_of_all, to_json
from opendata.findings import Freshness, LeakFinding, Outcome, Refusal, Risk
from opendata.lineage import ColumnEdge, Lineage
from opendata.vocabulary import Basis, LegalStatus, Punctuality, Verdict
from tests.journeys.homes import City, rows_of

REFUSAL = Refusal(
    rule="QUA-02",
    clauses=("xian-open-2022/22",),
    text="未达到要求。",
    text_en="Not good enough.",
    remedy="整改。",
    basis=Basis.LOCAL,
    status=LegalStatus.DRAFT,
    warns=False,
)
ON_TIME = Freshness(
    punctuality=Punctuality.ON_TIME,
    data_time=date(2026, 3, 1),
    due=date(2026, 4, 30),
    overdue_days=0,
    as_of=date(2026, 3, 31),
    provisional=False,
    sentence="按时。",
)


def a_dossier(sha256: str | None = None, **outcome: Any) -> Dossier:
    given: dict[str, Any] = {
        "dataset_id": "parks",
        "title": "公园",
        "body": "market",
        "verdict": Verdict.BLOCKED,
        "changed": True,
        "freshness": ON_TIME,
    }
    return Dossier(
        outcome=Outcome(**given | outcome), fingerprint="f", run_id="r", released_sha256=sha256
    )


def test_a_dossier_comes_back_from_json_as_it_was() -> None:
    whole = replace(
        a_dossier("a" * 64, reasons=(REFUSAL,), finished_at=datetime(2026, 3, 31, tzinfo=UTC)),
        data_time=date(2026, 3, 1),
        landed=(("main", "b" * 64),),
        lineage=Lineage(
            edges=(ColumnEdge(column="a", upstream="source:main", upstream_column="b"),)
        ),
        leaks=(LeakFinding(column="a", semantic="手机号码", count=1, digest="d", blocks=True),),
        risk=Risk(quasi_identifiers=("a",), k=3, required_k=5),
        treated=(("a", "遮盖"),),
        record_seq=7,
    )

    assert from_json(to_json(whole)) == whole


def test_a_judged_dossier_comes_back_with_all_its_results(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.run()

    remembered = city.workshop().state.recall("parks")

    assert remembered is not None
    dossier = from_json(remembered.outcome_json)
    assert dossier is not None
    assert dossier.quality is not None
    assert to_json(dossier) == remembered.outcome_json


@pytest.mark.parametrize("text", ["", "{}", '{"outcome": 1}'], ids=["empty", "bare", "foreign"])
def test_what_another_version_kept_is_forgotten(text: str) -> None:
    assert from_json(text) is None


def test_the_first_passage_is_a_change() -> None:
    assert a_dossier().compared_with(None).outcome.changed is True


@pytest.mark.parametrize(
    ("after", "changed"),
    [
        (a_dossier(), False),
        (a_dossier(finished_at=datetime(2026, 4, 1, tzinfo=UTC)), False),
        (a_dossier(freshness=replace(ON_TIME, punctuality=Punctuality.OVERDUE)), False),
        (a_dossier(verdict=Verdict.RELEASED), True),
        (a_dossier(rows_clean=5), True),
        (a_dossier(reasons=(REFUSAL,)), True),
        (a_dossier("c" * 64), True),
    ],
    ids=["same", "moment", "freshness", "verdict", "counts", "reasons", "bytes"],
)
def test_a_change_is_something_else_to_tell(after: Dossier, changed: bool) -> None:
    assert after.compared_with(a_dossier()).outcome.changed is changed


def test_what_was_said_of_all_is_what_every_judged_dataset_was_told() -> None:
    other = replace(REFUSAL, rule="POL-01")
    told = [a_dossier(warnings=(REFUSAL, other)), a_dossier(warnings=(other,)), a_dossier()]

    assert said_of_all(told) == (other,)
    assert told[0].without((other,)).outcome.warnings == (REFUSAL,)


def test_what_was_said_of_one_alone_is_not_said_of_all() -> None:
    assert said_of_all([a_dossier(warnings=(REFUSAL,)), a_dossier()]) == ()
