from typing import Any

import pytest

from dbt_like_sql.project import compile_project
from dbt_like_sql.sharing import shared_paths
from opendata.catalog import Catalog, Dataset, Treatment
from opendata.vocabulary import Acquired, Action, OnConflict
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


# --- a changed form keeps its origin: the shared column is used as somebody would hide it

OWN = "{{ source('main') }} as p"
SHARED = "{{ ref('shared_credit') }} as c"
HIDDEN = {
    "hash": f"select p.permit_no, md5(c.grade) as n, p._row from {OWN} join {SHARED} using (uscc)",
    "count_of_groups": f"""select c.grade as permit_no, count(*) as n, min(p._row) as _row
        from {OWN} join {SHARED} on p.uscc = c.uscc group by c.grade""",
    "count_of_all": f"""select p.permit_no, (select count(c.grade) from {SHARED}) as n, p._row
        from {OWN}""",
    "aggregate_filter": f"""select p.permit_no, count(*) filter (c.grade = 'A') as n,
        min(p._row) as _row from {OWN} join {SHARED} on p.uscc = c.uscc group by p.permit_no""",
    "ordered_aggregate": f"""select p.permit_no, string_agg(p.uscc order by c.grade) as n,
        min(p._row) as _row from {OWN}, {SHARED} group by p.permit_no""",
    "filter_only": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        join {SHARED} on p.uscc = c.uscc where c.grade = 'A'""",
    "join_only": f"select p.permit_no, p.uscc as n, p._row from {OWN} join {SHARED} using (uscc)",
    "left_join_is_missing": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        left join {SHARED} on p.uscc = c.uscc where c.uscc is null""",
    "in_subquery": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        where p.uscc in (select c.uscc from {SHARED})""",
    "not_exists": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        where not exists (select 1 from {SHARED} where c.uscc = p.uscc)""",
    "scalar_subquery": f"""select p.permit_no, (select max(c.grade) from {SHARED}) as n, p._row
        from {OWN}""",
    "having": f"""select p.permit_no, p.permit_no as n, min(p._row) as _row from {OWN}
        join {SHARED} on p.uscc = c.uscc group by p.permit_no having max(c.grade) = 'A'""",
    "case": f"""select p.permit_no, case when c.grade = 'A' then 1 else 0 end as n, p._row
        from {OWN} join {SHARED} on p.uscc = c.uscc""",
    "window_partition": f"""select p.permit_no, row_number() over (partition by c.grade) as n,
        p._row from {OWN} join {SHARED} on p.uscc = c.uscc""",
    "window_order": f"""select p.permit_no, rank() over (order by c.grade) as n, p._row
        from {OWN} join {SHARED} on p.uscc = c.uscc""",
    "named_window": f"""select p.permit_no, count(*) over w as n, p._row from {OWN}
        join {SHARED} on p.uscc = c.uscc window w as (partition by c.grade)""",
    "qualify": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        join {SHARED} on p.uscc = c.uscc
        qualify row_number() over (partition by c.grade order by p._row) = 1""",
    "union": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        union all select c.uscc, c.grade, 0 from {SHARED}""",
    "except": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        except select c.uscc, c.grade, 0 from {SHARED}""",
    "cte_of_cte": f"""with a as (select c.uscc, c.grade as g from {SHARED}),
        b as (select uscc, length(g) as size from a)
        select p.permit_no, b.size as n, p._row from {OWN} join b on b.uscc = p.uscc""",
    "recursive_cte": f"""with recursive a(u, depth) as (select c.uscc, 1 from {SHARED}
        union all select u, depth + 1 from a where depth < 2)
        select p.permit_no, a.depth as n, p._row from {OWN} join a on a.u = p.uscc""",
    "cte_for_its_rows": f"""with a as (select 1 as one from {SHARED} where c.grade = 'A')
        select p.permit_no, count(a.one) as n, min(p._row) as _row
        from {OWN} cross join a group by p.permit_no""",
    "distinct_on": f"""select distinct on (c.grade) p.permit_no, p.uscc as n, p._row
        from {OWN} join {SHARED} on p.uscc = c.uscc""",
    "order_and_limit": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        join {SHARED} on p.uscc = c.uscc order by c.grade limit 10""",
    "packed": f"""select p.permit_no, (struct_pack(g := c.grade)).g as n, p._row
        from {OWN} join {SHARED} on p.uscc = c.uscc""",
    "lambda": f"""select p.permit_no, list_transform([c.grade], lambda x: upper(x))[1] as n, p._row
        from {OWN} join {SHARED} on p.uscc = c.uscc""",
    "unnest": f"""select p.permit_no, u.v as n, p._row from {OWN} join {SHARED} on p.uscc = c.uscc,
        unnest(string_split(c.grade, '')) as u(v)""",
    "lateral": f"""select p.permit_no, l.g as n, p._row from {OWN},
        lateral (select c.grade as g from {SHARED} where c.uscc = p.uscc) as l""",
    "rows_of_it_counted": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        where (select count(*) from {SHARED}) > 0""",
    "rows_of_it_multiplied": f"select p.permit_no, p.uscc as n, p._row from {OWN}, {SHARED}",
    "count_star_alone": f"""select p.permit_no, (select count(*) from {SHARED}) as n, p._row
        from {OWN}""",
    "its_rows_unioned": f"""select p.permit_no, p.uscc as n, p._row from {OWN}
        union all select 'x', 'y', 0 from {SHARED}""",
}


@pytest.mark.parametrize("sql", HIDDEN.values(), ids=list(HIDDEN))
def test_a_changed_form_keeps_its_origin(sql: str) -> None:
    hidden = permits(sql, fields=(a_field("permit_no"), a_field("n")))

    assert paths(a_catalog(CREDIT, hidden), "permit_credit") != ()


def test_a_query_in_from_hands_on_values_and_filters() -> None:
    lateral = permits(HIDDEN["lateral"], fields=(a_field("permit_no"), a_field("n")))

    assert paths(a_catalog(CREDIT, lateral), "permit_credit") == (
        "shared_credit.grade -> permit_credit.n",
        "shared_credit.uscc -> permit_credit（仅用于筛选或关联）",
    )


def test_rows_read_without_a_column_end_at_the_dataset() -> None:
    multiplied = permits(
        HIDDEN["rows_of_it_multiplied"], fields=(a_field("permit_no"), a_field("n"))
    )

    assert paths(a_catalog(CREDIT, multiplied), "permit_credit") == (
        "shared_credit -> permit_credit（仅用于筛选或关联）",
    )


def test_rows_of_a_dataset_with_one_shared_column_are_its_own() -> None:
    mostly_own = a_dataset(
        id="shared_credit",
        body="credit",
        fields=(a_field("uscc"), a_field("grade", acquired=Acquired.SHARED)),
    )
    joined = permits(HIDDEN["join_only"], fields=(a_field("permit_no"), a_field("n")))

    assert paths(a_catalog(mostly_own, joined), "permit_credit") == ()


def test_without_the_shared_table_the_same_graph_is_free() -> None:
    own = permits(
        f"select p.permit_no, p.uscc as n, p._row from {OWN}",
        fields=(a_field("permit_no"), a_field("n")),
        reads=(),
    )

    assert paths(a_catalog(CREDIT, own), "permit_credit") == ()


# --- taking an authority's values is another way of holding them (以数源为准)


def carrier(on_conflict: OnConflict) -> Dataset:
    return a_dataset(
        id="permits",
        body="office",
        fields=(
            a_field("uscc", key=True, element="uscc", checked_against="shared_credit.uscc"),
            a_field(
                "grade",
                element="grade",
                checked_against="shared_credit.grade",
                on_conflict=on_conflict,
            ),
        ),
    )


AUTHORITY = a_dataset(
    id="shared_credit",
    body="credit",
    fields=(
        a_field("uscc", key=True, element="uscc"),
        a_field("grade", element="grade", acquired=Acquired.SHARED),
    ),
)


def test_values_taken_from_a_shared_authority_are_shared() -> None:
    catalog = a_catalog(carrier(OnConflict.AUTHORITY_WINS), AUTHORITY)

    assert paths(catalog, "permits") == ("shared_credit.grade -> permits.grade",)


@pytest.mark.parametrize("policy", [OnConflict.REPORT, OnConflict.BLOCK])
def test_being_checked_against_a_shared_authority_taints_nothing(policy: OnConflict) -> None:
    assert paths(a_catalog(carrier(policy), AUTHORITY), "permits") == ()


def test_what_reads_a_dataset_that_took_shared_values_is_reached_whatever_the_order() -> None:
    board = a_dataset(
        id="board",
        body="office",
        fields=(a_field("grade"),),
        sources=(),
        model="select grade, 1 as _row from {{ ref('permits') }}",
        reads=("permits",),
    )
    catalog = a_catalog(board, carrier(OnConflict.AUTHORITY_WINS), AUTHORITY)

    assert paths(catalog, "board") == ("shared_credit.grade -> permits.grade -> board.grade",)


def test_authorities_in_a_circle_come_to_an_end() -> None:
    def one(name: str, other: str, **own: Any) -> Dataset:
        taken = {"checked_against": f"{other}.b", "on_conflict": OnConflict.AUTHORITY_WINS}
        return a_dataset(
            id=name,
            fields=(
                a_field("k", key=True, element="k"),
                a_field("b", element="e", **taken, **own),
            ),
        )

    catalog = a_catalog(one("left", "right"), one("right", "left", acquired=Acquired.SHARED))

    assert paths(catalog, "left") == ("right.b -> left.b",)
