"""The calendar of periods: every state in a word and in a sentence, nothing before it counts."""

from datetime import date

import pytest

from opendata.pages.periods import kept_in_words, period_cells
from opendata.punctuality import KeptPeriod
from opendata.vocabulary import Punctuality


def period(
    state: Punctuality, *, met_on: date | None = None, late_days: int = 0, provisional: bool = False
) -> KeptPeriod:
    return KeptPeriod(
        start=date(2026, 3, 1),
        end=date(2026, 3, 31),
        due=date(2026, 4, 5),
        state=state,
        met_on=met_on,
        late_days=late_days,
        provisional=provisional,
    )


@pytest.mark.parametrize(
    ("given", "tone", "word"),
    [
        (period(Punctuality.ON_TIME, met_on=date(2026, 4, 2)), "good", "按期"),
        (period(Punctuality.OVERDUE, met_on=date(2026, 4, 8), late_days=3), "fail", "逾期3天"),
        (period(Punctuality.OVERDUE, late_days=20), "fail", "逾期20天"),
        (period(Punctuality.IN_GRACE), "hold", "宽限内"),
        (period(Punctuality.DUE_SOON), "hold", "即将到期"),
        (period(Punctuality.ON_TIME), "none", "未到期"),
    ],
    ids=["kept", "late", "missing", "grace", "soon", "running"],
)
def test_every_state_of_a_period_has_its_word(given: KeptPeriod, tone: str, word: str) -> None:
    (cell,) = period_cells([given])

    assert (cell.tone, cell.word, cell.end) == (tone, word, "26-03-31")
    assert cell.sentence.startswith(f"截至2026年3月31日的一期：{word}，应于2026年4月5日前更新")


def test_a_sentence_says_when_it_was_met_and_what_is_provisional() -> None:
    late = period(Punctuality.OVERDUE, met_on=date(2026, 4, 8), late_days=3, provisional=True)

    (cell,) = period_cells([late])

    assert cell.sentence.endswith("应于2026年4月5日前更新（暂定），2026年4月8日开放。")


def test_periods_before_the_first_release_are_not_drawn() -> None:
    before = period(Punctuality.NOT_APPLICABLE)
    kept = period(Punctuality.ON_TIME, met_on=date(2026, 4, 2))

    assert period_cells([before, before]) == ()
    assert kept_in_words([before, kept]) == "最近1期中，已有结论1期，按期1期。"
