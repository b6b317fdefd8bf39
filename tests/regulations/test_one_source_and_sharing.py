"""一数一源 and 共享获取 across the texts: what each says, how firmly, who may make an exception.

重庆 14, 15, 21; 西安共享 5, 16, 20, 22; 西安开放 21; 广州 11. Claims on cases as the gates see
them; the same from command to page is tests/journeys/test_one_source.py.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dbt_like_sql.project import compile_project
from dbt_like_sql.sharing import shared_paths
from opendata.agreement import Agreement
from opendata.case import Case
from opendata.catalog import Catalog, Dataset, Element
from opendata.findings import Refusal
from opendata.gate_texts import gate_texts
from opendata.gates import review
from opendata.regime import load_regime
from opendata.settings import KNOWN_REGIMES, Platform, Settings
from opendata.sourcing import Dispute
from opendata.vocabulary import Acquired, Basis, DeploymentRole, OnConflict
from opendata.waivers import Waiver
from tests.support import a_catalog, a_dataset, a_field, a_source

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
STATUS = a_dataset(
    id="enterprise_status",
    title="企业状态",
    body="tax",
    fields=(a_field("uscc"), a_field("status")),
    acquired=Acquired.SHARED,
    acquired_from="市税务局",
)
FILTERED = """select p.uscc, p._row from {{ source('main') }} as p
where p.uscc in (select s.uscc from {{ ref('enterprise_status') }} as s where s.status = '存续')"""
HASHED = """select s.uscc, md5(s.status) as status, p._row from {{ source('main') }} as p
join {{ ref('enterprise_status') }} as s on p.uscc = s.uscc"""
COUNTED = """select status, count(*) as n, row_number() over () as _row
from {{ ref('permits') }} group by status"""


def permits(sql: str | None = HASHED, *names: str) -> Dataset:
    fields = tuple(a_field(each) for each in names or ("uscc", "status"))
    return a_dataset(
        id="permits",
        title="许可信息",
        body="market",
        fields=fields,
        sources=(a_source(columns=(("uscc", "信用代码"), ("name", "名称"))),),
        model=sql,
        reads=("enterprise_status",) if sql and "enterprise_status" in sql else (),
    )


def source_refusals(
    catalog: Catalog, dataset_id: str, *regimes: str, **case: Any
) -> tuple[Refusal, ...]:
    """What the gates on sources say of one dataset."""
    paths = shared_paths(catalog, compile_project(catalog))[dataset_id]
    settings = Settings(
        city="示例市",
        regimes=regimes,
        deployment_role=DeploymentRole.OPENER_UPSTREAM,
        platform=Platform(name="市开放平台"),
    )
    given: dict[str, Any] = {
        "dataset": catalog.dataset(dataset_id),
        "catalog": catalog,
        "regime": load_regime(regimes),
        "settings": settings,
        "as_of": TODAY,
        "shared_paths": paths,
    }
    found = review(Case(**{**given, **case})).refusals
    return tuple(each for each in found if each.rule.startswith("SRC"))


# --- S1: shared data stays shared, whatever becomes of it


def counts() -> Dataset:
    return a_dataset(
        id="district_counts",
        title="分区统计",
        body="market",
        fields=(a_field("status"), a_field("n")),
        sources=(),
        model=COUNTED,
        reads=("permits",),
    )


def test_s1_joined_hashed_and_counted_data_is_refused_with_its_path() -> None:
    catalog = a_catalog(STATUS, permits(), counts())

    (hashed,) = source_refusals(catalog, "permits", "chongqing-open")
    (counted,) = source_refusals(catalog, "district_counts", "chongqing-open")

    assert "企业状态的status→许可信息的status" in hashed.text
    assert "企业状态的status→许可信息的status→分区统计的status" in counted.text
    assert (counted.clause, counted.basis) == ("chongqing-open/14.p1.b", Basis.INFERRED)


def test_s1_used_only_to_filter_it_is_refused_and_may_be_waived() -> None:
    catalog = a_catalog(STATUS, permits(FILTERED, "uscc"))

    (refusal,) = source_refusals(catalog, "permits", "chongqing-open")

    assert "企业状态的uscc→许可信息（仅用于筛选或关联）" in refusal.text
    assert source_refusals(catalog, "permits", "chongqing-open", waivers=(waiver(refusal),)) == ()


def test_s1_without_the_shared_column_the_same_graph_opens() -> None:
    own = permits("select uscc, _row from {{ source('main') }}", "uscc")

    assert source_refusals(a_catalog(STATUS, own), "permits", "chongqing-open") == ()


def test_s1_in_xian_the_text_itself_names_the_changed_form() -> None:
    (refusal,) = source_refusals(a_catalog(STATUS, permits()), "permits", "xian-share-2018")

    assert refusal.basis is Basis.TEXT
    assert "改变数据形式" in refusal.quote


def waiver(refusal: Refusal) -> Waiver:
    return Waiver(
        dataset_id="permits",
        gate="SRC-02",
        fingerprint=refusal.waivable,
        by="王某",
        role="数据主管",
        reason="仅用于筛选",
        until=TODAY,
        at=NOW,
        actor="root",
        consent="税函〔2026〕3号",
    )


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_derived_data_may_be_waived_everywhere_but_in_xian(regime: str) -> None:
    (refusal,) = source_refusals(a_catalog(STATUS, permits()), "permits", regime)

    assert bool(refusal.waivable) is (regime != "xian-share-2018")


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_shared_columns_themselves_are_waived_nowhere(regime: str) -> None:
    (refusal,) = source_refusals(a_catalog(STATUS), "enterprise_status", regime)

    assert refusal.waivable == ""


# --- S8: one source, others check; disputes go up the ladder


NAMES = a_dataset(
    id="register",
    title="登记信息",
    body="market",
    fields=(a_field("uscc", key=True, element="uscc"), a_field("legal", element="legal")),
)
COPY = replace(
    NAMES,
    id="copies",
    body="tax",
    fields=(
        a_field("uscc", key=True, element="uscc", checked_against="register.uscc"),
        a_field("legal", element="legal", checked_against="register.legal"),
    ),
)
ELEMENTS = (
    Element(id="uscc", title="统一社会信用代码", authority="register.uscc"),
    Element(id="legal", title="法定代表人", authority="register.legal"),
)


def differing(policy: OnConflict) -> Agreement:
    return Agreement(
        field="legal",
        element="legal",
        authority="register.legal",
        policy=policy,
        agree=997,
        differ=3,
    )


def two(**changes: Any) -> Catalog:
    return a_catalog(NAMES, COPY, elements=ELEMENTS, **changes)


def test_s8_a_copy_that_differs_is_allowed_for_checking() -> None:
    agreements = (differing(OnConflict.REPORT),)

    assert source_refusals(two(), "copies", "xian-share-2018", agreements=agreements) == ()


@pytest.mark.parametrize(
    ("regime", "clauses"),
    [
        ("xian-open-2022", ("xian-open-2022/21.b",)),
        ("chongqing-open", ("chongqing-open/21.p1.a",)),
        ("xian-share-2018", ("xian-share-2018/5.3", "xian-share-2018/16.a")),
        ("guangxi-open", ()),
        ("guangzhou-open-2022", ()),
    ],
)
def test_s8_the_principle_is_cited_where_it_stands_and_nowhere_else(
    regime: str, clauses: tuple[str, ...]
) -> None:
    agreements = (differing(OnConflict.BLOCK),)

    (refusal,) = source_refusals(two(), "copies", regime, agreements=agreements)

    assert (refusal.rule, refusal.clauses) == ("SRC-01", clauses)


def test_s8_while_the_source_is_disputed_no_new_snapshot_of_it_opens() -> None:
    dispute = Dispute(
        element="legal",
        parties=("register.legal", "copies.legal"),
        at=NOW,
        actor="甲",
        reason="异议",
    )

    told = {
        each: source_refusals(two(), each, "chongqing-open", disputes=(dispute,))
        for each in ("register", "copies")
    }

    assert {key: [each.rule for each in said] for key, said in told.items()} == {
        "register": ["SRC-05"],
        "copies": ["SRC-05"],
    }
    assert "→报本级人民政府决定（《重庆市公共数据开放管理办法（题名待核实）》第十五条" in (
        told["register"][0].remedy
    )


def test_the_principle_itself_is_text_in_the_three_that_have_it() -> None:
    grounds = gate_texts()["SRC-01"].grounds

    assert {each: ground.basis for each, ground in grounds.items()} == {
        "xian-open-2022": Basis.TEXT,
        "chongqing-open": Basis.TEXT,
        "xian-share-2018": Basis.TEXT,
    }
