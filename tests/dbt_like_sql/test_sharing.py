from typing import Any

from dbt_like_sql.project import compile_project
from dbt_like_sql.sharing import shared_paths
from opendata.catalog import Catalog, Dataset, Treatment
from opendata.vocabulary import Acquired, Action
from tests.support import a_catalog, a_dataset, a_field, a_source

CREDIT = a_dataset(
    id="shared_credit",
    body="credit",
    fields=(a_field("uscc"), a_field("grade")),
    acquired=Acquired.SHARED,
    acquired_from="市发展改革委",
)

JOINED = """select p.permit_no, c.grade, p._row
from {{ source('main') }} as p
join {{ ref('shared_credit') }} as c on p.uscc = c.uscc
"""


def permits(sql: str = JOINED, **changes: Any) -> Dataset:
    given: dict[str, Any] = {
        "id": "permit_credit",
        "fields": (a_field("permit_no"), a_field("grade")),
        "sources": (a_source(columns=(("permit_no", "许可证号"), ("uscc", "信用代码"))),),
        "model": sql,
        "reads": ("shared_credit",),
    }
    return a_dataset(**given | changes)


def paths(catalog: Catalog, dataset_id: str) -> tuple[str, ...]:
    return shared_paths(catalog, compile_project(catalog))[dataset_id]


def test_a_shared_column_is_followed_to_the_column_that_releases_it() -> None:
    assert paths(a_catalog(CREDIT, permits()), "permit_credit") == (
        "shared_credit.grade -> permit_credit.grade",
        "shared_credit.uscc -> permit_credit（仅用于筛选或关联）",
    )


def test_a_column_that_is_dropped_at_release_ends_the_path_by_value() -> None:
    dropped = permits(
        fields=(
            a_field("permit_no"),
            a_field("grade", treatment=Treatment(action=Action.DROP)),
        )
    )

    assert paths(a_catalog(CREDIT, dropped), "permit_credit") == (
        "shared_credit.uscc -> permit_credit（仅用于筛选或关联）",
    )


def test_paths_run_through_every_dataset_between() -> None:
    board = a_dataset(
        id="board",
        body="office",
        fields=(a_field("grade"), a_field("permits")),
        sources=(),
        model="""select grade, count(*) as permits, row_number() over () as _row
from {{ ref('permit_credit') }} group by grade
""",
        reads=("permit_credit",),
    )

    assert paths(a_catalog(CREDIT, permits(), board), "board") == (
        "shared_credit.grade -> permit_credit.grade -> board.grade",
        "shared_credit.uscc -> permit_credit.grade -> board（仅用于筛选或关联）",
    )


def test_only_the_field_acquired_by_sharing_taints() -> None:
    own = a_dataset(
        id="shared_credit",
        body="credit",
        fields=(a_field("uscc"), a_field("grade", acquired=Acquired.SHARED)),
    )

    assert paths(a_catalog(own, permits()), "permit_credit") == (
        "shared_credit.grade -> permit_credit.grade",
    )


def test_shared_data_that_nobody_reads_has_no_path() -> None:
    catalog = a_catalog(CREDIT)

    assert shared_paths(catalog, compile_project(catalog)) == {"shared_credit": ()}
