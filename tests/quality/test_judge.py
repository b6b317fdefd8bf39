"""From rows to a report: what is counted, what is set aside, what is never shown."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendata.catalog import Dataset
from opendata.errors import ModelError
from opendata.findings import Expectation, Freshness, QualityReport
from opendata.identifiers import uscc_check
from opendata.plain import plain
from opendata.vocabulary import Dimension, Punctuality
from quality.explain import explain
from quality.flags import clean_relation, standardise, write_quarantine
from quality.judge import judge
from quality.plan import Plan, plan
from quality.results_json import to_result_json

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tests.quality.conftest import Bench

Row = Callable[..., tuple[str | None, ...]]
JUDGED_AT = datetime(2026, 12, 1, tzinfo=UTC)
SECOND_USCC = "91350100M000200Y4" + uscc_check("91350100M000200Y4")


def fresh(punctuality: Punctuality) -> Freshness:
    return Freshness(
        punctuality=punctuality,
        data_time=date(2026, 11, 30),
        due=date(2026, 12, 7),
        overdue_days=0,
        as_of=date(2026, 12, 1),
        provisional=False,
        sentence="按时",
    )


def broken(report: QualityReport) -> dict[str, int]:
    return {each.expectation.id: each.unexpected for each in report.results if each.unexpected}


def dimension(report: QualityReport, wanted: Dimension) -> float | None:
    return next(each.score for each in report.dimensions if each.dimension is wanted)


def test_a_good_row_breaks_nothing(bench: "Bench", row: Row) -> None:
    report = bench.report([row()])

    assert broken(report) == {}
    assert (report.rows, report.clean, report.quarantined) == (1, 1, 0)
    assert report.score == 100


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("uscc", None, "uscc_not_null"),
        ("uscc", "91350100M000100Y44", "uscc_valid_uscc"),
        ("name", None, "name_not_null"),
        ("district", "610199", "district_in_code_table"),
        ("capital", "一百万", "capital_type"),
        ("capital", "-1", "capital_range"),
        ("opened", "2020-13-01", "opened_type"),
        ("opened", "0202-01-01", "opened_plausible"),
        ("mobile", "12800138000", "mobile_valid_mobile"),
        ("code", "AB12345", "code_format"),
        ("code", "ab0001", "code_format"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else "value",
)
def test_every_kind_of_dirt_is_found_by_its_own_rule_alone(
    bench: "Bench", row: Row, field: str, value: str | None, expected: str
) -> None:
    assert broken(bench.report([row(**{field: value})])) == {expected: 1}


def test_a_flag_that_keeps_leaves_the_row_clean(bench: "Bench", row: Row) -> None:
    report = bench.report([row(opened="0202-01-01"), row(uscc=SECOND_USCC)])

    assert (report.clean, report.quarantined) == (2, 0)


def test_all_rows_of_a_duplicated_key_are_set_aside(bench: "Bench", row: Row) -> None:
    others = [row(uscc=None), row(uscc=None)]
    report = bench.report([row(), *others, row(name="乙公司")])

    assert broken(report)["uscc_unique"] == 2
    assert report.quarantined == 4


def test_rows_keep_their_order_when_keys_are_duplicated(
    bench: "Bench", rule: Callable[..., Expectation]
) -> None:
    unique = plan([rule("expect_column_values_to_be_unique", column="n")])
    model = "select i % 200000 as n, i as _row from range(300000) t(i)"
    bench.con.execute("set threads = 4")
    standardise(bench.con, model, ("n",), unique, bench.flagged)

    rows = bench.con.execute(
        f"select _row, _dq < 0 from read_parquet('{bench.flagged}')"
    ).fetchall()

    assert [number for number, _ in rows] == list(range(300000))
    assert [flagged for _, flagged in rows] == [number % 200000 < 100000 for number, _ in rows]


def test_a_wrong_cast_is_not_also_a_missing_value(bench: "Bench", row: Row) -> None:
    report = bench.report([row(capital="一百万"), row(uscc=SECOND_USCC, capital=None)])
    capital = next(each for each in report.results if each.expectation.id == "capital_type")

    assert (capital.missing, capital.unexpected, capital.evaluated) == (1, 1, 1)


def test_a_tolerated_share_of_broken_rows_is_set_aside_without_failing_the_rule(
    bench: "Bench", row: Row
) -> None:
    wrong = row(uscc=SECOND_USCC, mobile="0")
    rows = [(f"{number:018d}", *row()[1:]) for number in range(30)]
    report = bench.report([*rows, wrong])
    mobile = next(each for each in report.results if each.expectation.id == "mobile_valid_mobile")

    assert mobile.success
    assert mobile.unexpected == 1


def test_an_empty_table_fails_for_being_empty_and_for_nothing_else(bench: "Bench") -> None:
    report = bench.report([])

    assert [each.expectation.id for each in report.results if not each.success] == ["rows_present"]
    assert (report.rows, report.clean, report.quarantined, report.score) == (0, 0, 0, 0)
    assert report.coverage == 1 / 20


def test_a_column_without_values_assesses_nothing(bench: "Bench", row: Row) -> None:
    report = bench.report([row(district=None, capital=None, opened=None, code=None)])

    assert dimension(report, Dimension.CONFORMITY) is None


@pytest.mark.parametrize(
    ("punctuality", "score"),
    [
        (Punctuality.ON_TIME, 100),
        (Punctuality.DUE_SOON, 100),
        (Punctuality.IN_GRACE, 100),
        (Punctuality.OVERDUE, 0),
        (Punctuality.UNKNOWN, None),
        (Punctuality.EXEMPT, None),
    ],
    ids=lambda value: value.code if isinstance(value, Punctuality) else str(value),
)
def test_timeliness_follows_the_clock_or_is_not_assessed(
    bench: "Bench",
    suite: Plan,
    punctuality: Punctuality,
    score: float | None,
    row: Row,
    dataset: Dataset,
) -> None:
    flagged = bench.standardised([row()], suite=suite)

    report = judge(bench.con, flagged, dataset, suite, freshness=fresh(punctuality))

    assert dimension(report, Dimension.TIMELINESS) == score


def test_a_failed_critical_rule_never_shows_sixty(bench: "Bench", row: Row) -> None:
    report = bench.report([row(name=None)])

    assert [each.expectation.id for each in report.failed_critical] == ["name_not_null"]
    assert report.score <= 59.9


def test_results_measured_elsewhere_count(
    bench: "Bench", suite: Plan, row: Row, dataset: Dataset
) -> None:
    flagged = bench.standardised([row()], suite=suite)
    on_time = judge(
        bench.con, flagged, dataset, suite, freshness=fresh(Punctuality.ON_TIME)
    ).results[-1]
    opened = dataclasses.replace(
        on_time,
        expectation=dataclasses.replace(
            on_time.expectation, dimension=Dimension.ACCESSIBILITY, indicator="0601"
        ),
    )

    report = judge(bench.con, flagged, dataset, suite, extra=(opened,))

    assert dimension(report, Dimension.ACCESSIBILITY) == 100


def test_the_quarantine_holds_every_row_with_every_reason(
    bench: "Bench", row: Row, suite: Plan, tmp_path: Path
) -> None:
    flagged = bench.standardised([row(), row(uscc=None, name=None, mobile="0")], suite=suite)

    count = write_quarantine(bench.con, flagged, suite, tmp_path / "quarantine.parquet")

    held = bench.con.execute(
        f"select _row, _reasons, mobile from read_parquet('{tmp_path / 'quarantine.parquet'}')"
    ).fetchall()
    assert count == 1
    assert held == [(3, ["uscc_not_null", "name_not_null", "mobile_valid_mobile"], "0")]


def test_more_than_sixty_three_rules_are_counted_and_reasoned_alike(
    bench: "Bench", tmp_path: Path, dataset: Dataset, rule: Callable[..., Expectation]
) -> None:
    rules = [
        rule(
            "expect_column_values_to_be_between", called=f"r{number}", column="n", max_value=number
        )
        for number in range(130)
    ]
    suite = plan(rules)
    model = "select i as n, i as _row from range(100, 132) t(i)"
    standardise(bench.con, model, ("n",), suite, bench.flagged)

    report = judge(bench.con, bench.flagged, dataset, suite)

    assert [each.unexpected for each in report.results] == [
        max(0, 131 - max(number, 99)) for number in range(130)
    ]
    assert (report.clean, report.quarantined) == (0, 32)
    write_quarantine(bench.con, bench.flagged, suite, tmp_path / "q.parquet")
    reasons = bench.con.execute(
        f"select len(_reasons) from read_parquet('{tmp_path / 'q.parquet'}') where n = 100"
    ).fetchone()
    assert reasons == (100,)


def test_a_model_that_fails_is_refused_without_the_value_it_failed_on(
    bench: "Bench", suite: Plan
) -> None:
    model = "select cast('secret-13800138000' as integer) as n, 1 as _row"

    with pytest.raises(ModelError) as caught:
        standardise(bench.con, model, ("n",), plan([]), bench.flagged)

    assert "13800138000" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert list(bench.folder.iterdir()) == []


def test_shapes_tell_what_is_wrong_without_telling_the_value(bench: "Bench", row: Row) -> None:
    numbers = ["138-0013-8000", "139-0013-9000", "１３８００１３８０００", "无", "a@b.cn"]
    rows = [row(uscc=f"{n:018d}", mobile=number) for n, number in enumerate(numbers)]
    report = bench.report(rows)
    mobile = next(each for each in report.reasons if each.expectation_id == "mobile_valid_mobile")

    assert mobile.rows == 5
    assert mobile.shapes == (("999-9999-9999", 2), ("A@A.AA", 1), ("X", 1))


def test_no_raw_value_reaches_the_report_or_its_json(bench: "Bench", row: Row) -> None:
    planted = {
        "uscc": "91350100MABCDEFGHK",
        "name": "隐名企业有限公司",
        "capital": "-777123.45",
        "mobile": "19912345678x",
        "code": "ZZ-98765",
        "district": "某某镇某某村",
    }
    report = bench.report([row(**planted), row(**planted), row()])

    shown = json.dumps(plain(report), ensure_ascii=False) + "\n".join(explain(report))
    shown += to_result_json(report, judged_at=JUDGED_AT)
    assert report.quarantined == 2
    assert [value for value in planted.values() if value in shown] == []


def test_the_explanation_recomputes_the_score(bench: "Bench", row: Row) -> None:
    report = bench.report([row(), row(uscc=SECOND_USCC, mobile="0", district="610199")])
    lines = explain(report)

    assert f"得分 {report.score:.1f} = 已评估维度的平均分" in lines
    assert "    1/2 = 0.5000  未通过  “联系电话”应为 11 位手机号码" in lines
    assert "时效性：未评估" in lines


def test_judging_needs_neither_great_expectations_nor_pandas() -> None:
    script = (
        "import sys, quality.judge, quality.suite, quality.results_json, quality.explain;"
        "import quality.gx.docs, quality.gx.opinion;"
        "print({'great_expectations', 'pandas', 'scipy', 'polars'} & set(sys.modules))"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "set()"


VALUES = {
    "uscc": st.sampled_from(["91350100M000100Y43", SECOND_USCC, "1", None]),
    "name": st.sampled_from(["甲", None]),
    "district": st.sampled_from(["610102", "x", None]),
    "capital": st.sampled_from(["1", "-1", "x", None]),
    "opened": st.sampled_from(["2020-01-01", "0001-01-01", "x", None]),
    "mobile": st.sampled_from(["13800138000", "1", None]),
    "code": st.sampled_from(["AB0001", "", None]),
}


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(*VALUES.values()), max_size=12))
def test_clean_and_quarantined_rows_are_all_rows_and_reasons_add_up(
    opened_bench: "Callable[[], AbstractContextManager[Bench]]",
    suite: Plan,
    dataset: Dataset,
    rows: list[tuple[str | None, ...]],
) -> None:
    with opened_bench() as bench:
        flagged = bench.standardised(rows, suite=suite)
        report = judge(bench.con, flagged, dataset, suite)
        held = bench.folder / "held.parquet"
        write_quarantine(bench.con, flagged, suite, held)
        clean = bench.con.execute(f"select _row from {clean_relation(flagged)}").fetchall()
        bad = bench.con.execute(f"select _row, _reasons from read_parquet('{held}')").fetchall()

    accounted = sorted([each for (each,) in clean] + [each for each, _ in bad])
    assert accounted == list(range(2, len(rows) + 2))
    assert (report.rows, report.clean, report.quarantined) == (len(rows), len(clean), len(bad))
    assert all(reasons for _, reasons in bad)
    counted = {each.expectation_id: each.rows for each in report.reasons}
    assert counted == {name: sum(name in reasons for _, reasons in bad) for name in counted}
    assert all(each.unexpected <= each.evaluated for each in report.results)
