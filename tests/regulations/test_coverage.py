"""Claims about docs/regulations.md: it is what the program does, and hides no clause."""

from pathlib import Path

import pytest

from opendata.coverage import (
    LEGAL_STATUS,
    gates_beside,
    gates_standing_on,
    judged,
    keys_citing,
    render,
)
from opendata.law import clause, clauses_of
from opendata.settings import KNOWN_REGIMES

PAGE = Path(__file__).parents[2] / "docs" / "regulations.md"


def test_the_page_is_the_rendering() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), (
        "run `python -m opendata.coverage > docs/regulations.md`"
    )


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_the_page_quotes_every_clause(regime: str) -> None:
    page = render()

    assert all(each.quote in page for each in clauses_of(regime))


def test_the_page_opens_with_where_the_texts_stand() -> None:
    assert LEGAL_STATUS in render()


def test_a_clause_shows_the_gates_and_rules_that_rest_on_it() -> None:
    download = clause("xian-open-2022/23.p2.a")

    assert gates_standing_on(download) == ("REL-02",)
    assert keys_citing(download) == ("method.conditional.allow", "method.conditional.deny")


def test_a_local_rule_does_not_pass_for_what_the_clause_says() -> None:
    responsibility = clause("xian-open-2022/22.c")

    assert gates_standing_on(responsibility) == ()
    assert "QUA-02" in gates_beside(responsibility)


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_every_regulation_has_clauses_that_a_gate_judges(regime: str) -> None:
    assert any(judged() & set(gates_standing_on(each)) for each in clauses_of(regime))
