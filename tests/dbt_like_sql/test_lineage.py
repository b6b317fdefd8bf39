import pytest
import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage as oracle

from dbt_like_sql.lineage import DIALECT, Relation, lineage_of, qualified
from opendata.lineage import ColumnEdge, Lineage

PERMITS = Relation(
    name="source_p_permits",
    upstream="source:permits",
    columns=("uscc", "permit_no", "status", "valid_to", "fee", "_row"),
)
REGISTER = Relation(
    name="standardised_register",
    upstream="register",
    columns=("uscc", "name", "district", "status", "_row"),
)
RELATIONS = (PERMITS, REGISTER)


def column_lineage(sql: str, relations: tuple[Relation, ...]) -> Lineage:
    return lineage_of(qualified(sqlglot.parse_one(sql, read=DIALECT), relations), relations)


CORPUS = {
    "plain": "select permit_no, upper(uscc) as uscc from source_p_permits",
    "cte": """with p as (select uscc as code, fee from source_p_permits)
              select code, fee * 2 as fee from p""",
    "star_exclude_replace": """with p as (select * exclude (_row) replace (lower(status) as status)
              from source_p_permits) select uscc, status from p""",
    "join_on": """select p.permit_no, r.name from source_p_permits p
              left join standardised_register r on p.uscc = r.uscc""",
    "join_using": """select uscc, p.permit_no, r.name from source_p_permits p
              join standardised_register r using (uscc)""",
    "aggregate": """select district, count(*) as n, max(name) as name
              from standardised_register group by district""",
    "union_all": """select uscc, permit_no as label from source_p_permits
              union all select uscc, name from standardised_register""",
    "nested": """select x.label from (select concat(name, district) as label
              from standardised_register where status = 'on') x""",
    "case": """select case when status = 'on' then name else district end as label
              from standardised_register""",
    "lambda": """select list_transform([name, district], lambda x: x || '!') as labels
              from standardised_register""",
    "lateral_alias": "select fee * 2 as twice, twice + 1 as more from source_p_permits",
    "from_first": "from source_p_permits select permit_no as no",
}


@pytest.mark.parametrize("sql", CORPUS.values(), ids=CORPUS.keys())
def test_direct_edges_agree_with_sqlglot_asked_column_by_column(sql: str) -> None:
    ours = column_lineage(sql, RELATIONS)

    bound = qualified(sqlglot.parse_one(sql, read="duckdb"), RELATIONS)
    assert isinstance(bound, exp.Query)
    for column in bound.named_selects:
        found = {(each.upstream, each.upstream_column) for each in ours.of(column)}
        assert found == _leaves(column, bound)


def _leaves(column: str, bound: exp.Query) -> set[tuple[str, str]]:
    upstreams = {each.name: each.upstream for each in RELATIONS}
    schema: dict[str, object] = {
        each.name: dict.fromkeys(each.columns, "VARCHAR") for each in RELATIONS
    }
    tree = oracle(column, bound, schema, dialect="duckdb")
    leaves = (each for each in tree.walk() if not each.downstream)
    return {
        (upstreams[leaf.source.name], leaf.name.rsplit(".")[-1].strip('"'))
        for leaf in leaves
        if isinstance(leaf.source, exp.Table) and "." in leaf.name
    }


def test_what_filters_joins_or_groups_steers_every_column_without_being_its_value() -> None:
    found = column_lineage(
        """with r as (select uscc, name from standardised_register where district = '雁塔区')
           select p.permit_no, r.name from source_p_permits p join r on p.uscc = r.uscc""",
        RELATIONS,
    )

    assert [each.upstream_column for each in found.of("permit_no")] == ["permit_no"]
    assert {
        (each.upstream, each.upstream_column)
        for each in found.edges
        if each.column == "permit_no" and not each.direct
    } == {("register", "district"), ("register", "uscc"), ("source:permits", "uscc")}


def test_a_window_takes_its_value_from_its_argument_and_its_frame_from_the_partition() -> None:
    found = column_lineage(
        """select sum(fee) over (partition by status order by valid_to) as fees
           from source_p_permits""",
        RELATIONS,
    )

    assert found.edges == (
        _edge("fees", "fee"),
        _edge("fees", "status", direct=False),
        _edge("fees", "valid_to", direct=False),
    )


def test_a_row_chosen_by_rank_is_steered_by_what_ranks_it() -> None:
    found = column_lineage(
        """with ranked as (select permit_no, row_number() over (partition by uscc order by valid_to
             desc) as place from source_p_permits)
           select permit_no from ranked where place = 1""",
        RELATIONS,
    )

    assert [each.upstream_column for each in found.edges if not each.direct] == ["uscc", "valid_to"]


def test_a_correlated_subquery_brings_its_value_and_its_condition() -> None:
    found = column_lineage(
        """select p.permit_no, (select max(r.name) from standardised_register r
           where r.uscc = p.uscc) as holder from source_p_permits p""",
        RELATIONS,
    )

    assert [each.upstream_column for each in found.of("holder")] == ["name"]
    assert _steering(found.edges, "holder") == {("register", "uscc"), ("source:permits", "uscc")}
    assert _steering(found.edges, "permit_no") == set()


def test_an_exists_only_steers() -> None:
    found = column_lineage(
        """select permit_no from source_p_permits p where exists (
           select 1 from standardised_register r where r.uscc = p.uscc and r.status = 'on')""",
        RELATIONS,
    )

    assert [each.upstream_column for each in found.of("permit_no")] == ["permit_no"]
    assert ("register", "status") in _steering(found.edges, "permit_no")


def test_an_unnested_list_leads_back_to_its_column() -> None:
    found = column_lineage(
        """select u.part as part from source_p_permits p,
           unnest(string_split(p.permit_no, '-')) as u(part)""",
        RELATIONS,
    )

    assert [each.upstream_column for each in found.of("part")] == ["permit_no"]


def test_what_except_takes_away_only_steers() -> None:
    found = column_lineage(
        "select uscc from source_p_permits except select uscc from standardised_register", RELATIONS
    )

    assert set(found.edges) == {
        _edge("uscc", "uscc"),
        ColumnEdge(column="uscc", upstream="register", upstream_column="uscc", direct=False),
    }


def test_the_products_own_columns_have_no_lineage() -> None:
    found = column_lineage(
        "select permit_no, _row, fee is null as _bad_fee from source_p_permits where _row > 3",
        RELATIONS,
    )

    assert found.edges == (_edge("permit_no", "permit_no"),)


def test_a_recursive_table_ends() -> None:
    found = column_lineage(
        """with recursive chain as (select uscc, 1 as depth from source_p_permits
           union all select uscc, depth + 1 from chain where depth < 3)
           select uscc from chain""",
        RELATIONS,
    )

    assert [each.upstream_column for each in found.of("uscc")] == ["uscc"]


def test_a_wide_and_deep_model_has_the_lineage_of_every_column() -> None:
    names = [f"c{place}" for place in range(200)]
    wide = Relation(name="w", upstream="source:w", columns=tuple(names))
    layers = ", ".join(f"l{depth} as (select * from l{depth - 1})" for depth in range(1, 5))
    columns = ", ".join(names)
    sql = f"with l0 as (select {columns} from w), {layers} select {columns} from l4"

    found = column_lineage(sql, (wide,))

    assert len(found.edges) == 200


def _edge(column: str, upstream_column: str, *, direct: bool = True) -> ColumnEdge:
    return ColumnEdge(
        column=column, upstream="source:permits", upstream_column=upstream_column, direct=direct
    )


def _steering(edges: tuple[ColumnEdge, ...], column: str) -> set[tuple[str, str]]:
    return {
        (each.upstream, each.upstream_column)
        for each in edges
        if each.column == column and not each.direct
    }
