"""Claims about ``opendata.law``: clauses resolve, are cited as officials write, hold the words."""

import pytest

from opendata.errors import LawError
from opendata.law import chinese_numeral, clause, clauses_of, regulation
from opendata.settings import KNOWN_REGIMES
from opendata.vocabulary import LegalStatus


def test_a_citation_names_title_and_article() -> None:
    assert clause("xian-share-2018/22.p2").citation == (
        "《西安市政务数据资源共享管理办法》第二十二条"
    )


def test_a_quote_is_the_words_of_the_text() -> None:
    assert clause("xian-open-2022/23.p2.a").quote == "不得通过第一项方式开放有条件开放类政务数据"


def test_all_487_clauses_are_shipped() -> None:
    counts = {each: len(clauses_of(each)) for each in KNOWN_REGIMES}

    assert counts == {
        "xian-open-2022": 96,
        "chongqing-open": 110,
        "xian-share-2018": 98,
        "guangxi-open": 85,
        "guangzhou-open-2022": 98,
    }


@pytest.mark.parametrize(
    ("regime", "articles"),
    [
        ("xian-open-2022", 38),
        ("chongqing-open", 48),
        ("xian-share-2018", 47),
        ("guangxi-open", 39),
        ("guangzhou-open-2022", 37),
    ],
)
def test_every_article_has_a_clause(regime: str, articles: int) -> None:
    assert {each.article for each in clauses_of(regime)} == set(range(1, articles + 1))


def test_clause_ids_are_unique_and_quotes_are_not_empty() -> None:
    clauses = [each for regime in KNOWN_REGIMES for each in clauses_of(regime)]

    assert len({each.id for each in clauses}) == len(clauses)
    assert all(each.quote.strip() for each in clauses)


@pytest.mark.parametrize(
    ("regime", "status"),
    [
        ("xian-open-2022", LegalStatus.DRAFT),
        ("guangxi-open", LegalStatus.DRAFT),
        ("guangzhou-open-2022", LegalStatus.DRAFT),
        ("xian-share-2018", LegalStatus.LAPSED),
        ("chongqing-open", LegalStatus.UNVERIFIED),
    ],
)
def test_no_regulation_passes_for_law_in_force(regime: str, status: LegalStatus) -> None:
    assert regulation(regime).status is status


@pytest.mark.parametrize("clause_id", ["xian-open-2022/23.p9", "XO23.p2.a", "beijing/1", ""])
def test_a_clause_that_does_not_exist_is_an_error(clause_id: str) -> None:
    with pytest.raises(LawError, match="is called"):
        clause(clause_id)


@pytest.mark.parametrize(
    ("number", "written"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (47, "四十七")]
)
def test_article_numbers_are_written_in_chinese(number: int, written: str) -> None:
    assert chinese_numeral(number) == written
