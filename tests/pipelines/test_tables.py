from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from typing import Any

import pytest

from assets.dossier import Dossier
from opendata.findings import Outcome, Refusal
from opendata.record import ChainProblem, Verification
from opendata.vocabulary import Basis, LegalStatus, Verdict
from pipelines.running import Finished
from pipelines.tables import closing_table, outcome_json, verification_text


def a_refusal(rule: str = "CAT-02", **changes: Any) -> Refusal:
    given: dict[str, Any] = {
        "rule": rule,
        "clauses": ("xian-open-2022/20",),
        "text": "目录缺少应当标注的内容。",
        "text_en": "The entry lacks something.",
        "remedy": "补齐。",
        "basis": Basis.TEXT,
        "status": LegalStatus.DRAFT,
        "warns": False,
        "citation": "《办法》第二十条",
    }
    return Refusal(**given | changes)


def a_dossier(dataset: str = "parks", **changes: Any) -> Dossier:
    given: dict[str, Any] = {
        "dataset_id": dataset,
        "title": f"{dataset}目录",
        "body": "market",
        "verdict": Verdict.RELEASED,
        "changed": True,
        "rows_landed": 12345,
        "rows_clean": 12300,
        "rows_quarantined": 45,
        "rows_released": 12300,
        "score": 99.65,
        "version": 3,
    }
    return Dossier(outcome=Outcome(**given | changes), fingerprint="f", run_id="r")


def printed(*dossiers: Dossier) -> str:
    said = StringIO()
    with redirect_stdout(said):
        closing_table(
            Finished(
                unlisted=(),
                as_of=date(2026, 3, 31),
                dossiers=dossiers,
                crashed=False,
                look_next=(("报告", "/home/[x]/index.html"),),
            )
        )
    return said.getvalue()


def cells(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("│"):
            yield [cell.strip() for cell in line.strip("│").split("│")]


def test_a_row_has_counts_score_and_version() -> None:
    row = next(cells(printed(a_dossier())))

    assert row[:3] == ["parks目录", "已开放", "有"]
    assert row[3:7] == ["12,345", "12,300", "45", "12,300"]
    assert row[8:] == ["—", "v3"]


def test_what_was_never_reached_is_a_dash() -> None:
    counts = ("rows_landed", "rows_clean", "rows_quarantined", "rows_released")
    nothing: dict[str, Any] = dict.fromkeys((*counts, "score", "version"))

    row = next(cells(printed(a_dossier(verdict=Verdict.FAILED, **nothing))))

    assert row == ["parks目录", "处理失败", "有", *["—"] * 7]


def test_a_refusal_is_printed_with_ground_and_remedy() -> None:
    told = printed(a_dossier(verdict=Verdict.BLOCKED, reasons=(a_refusal(),)))

    assert "拒绝 CAT-02 目录缺少应当标注的内容。〔条文明文｜征求意见稿〕" in told
    assert "依据：《办法》第二十条" in told
    assert "处理：补齐。" in told


def test_what_was_said_of_all_is_printed_once() -> None:
    warning = a_refusal("POL-01", warns=True, text="规定的状态。")

    told = printed(a_dossier(warnings=(warning,)), a_dossier("zoo", warnings=(warning,)))

    assert told.count("规定的状态。") == 1
    assert "全部数据集" in told


@pytest.mark.parametrize("words", ["[beta]", "[/b]", "[red]x"], ids=["tag", "closing", "colour"])
def test_brackets_in_a_citys_words_are_printed_as_they_are(words: str) -> None:
    told = printed(a_dossier(title=f"公园{words}", reasons=(a_refusal(text=f"缺{words}"),)))

    assert told.count(words) == 3
    assert "/home/[x]/index.html" in told


def test_the_closing_line_counts_changes() -> None:
    told = printed(a_dossier(), a_dossier("zoo", changed=False))

    assert "2 个数据集，1 个有变化；判断日 2026-03-31。" in told


def test_an_outcome_as_json_says_words_by_their_codes() -> None:
    outcome = a_dossier(verdict=Verdict.RELEASED_CONDITIONALLY, reasons=(a_refusal(),)).outcome

    told = outcome_json(outcome)

    assert told["verdict"] == "released_conditionally"
    assert told["freshness"] is None
    assert told["reasons"] == [
        {
            "rule": "CAT-02",
            "clause": "xian-open-2022/20",
            "text": "目录缺少应当标注的内容。",
            "remedy": "补齐。",
        }
    ]


def test_verification_is_one_line_or_a_line_for_each_break() -> None:
    intact = Verification(entries=7, head="ab" * 32, problems=())
    broken = Verification(entries=7, head="ab" * 32, problems=(ChainProblem(3, "altered"),))

    assert verification_text(intact) == f"处理记录完整：7 条，链头 {'ab' * 8}"
    assert verification_text(broken) == "处理记录不完整：\n第 3 条：altered"
