import subprocess
import sys
from typing import Any

import duckdb
import pytest
import sqlglot

from dbt_like_sql.lineage import DIALECT, Relation, lineage_of, qualified
from dbt_like_sql.project import Project, compile_project, ref_relation, source_relation
from opendata.catalog import Catalog, Dataset
from opendata.errors import ModelError, UnknownDataset
from opendata.vocabulary import FieldType
from tests.support import a_catalog, a_dataset, a_field, a_source

REGISTER = a_dataset(
    id="register",
    fields=(
        a_field("uscc", key=True),
        a_field("name"),
        a_field("founded", type=FieldType.DATE),
        a_field("capital", type=FieldType.DECIMAL),
    ),
)

PERMITS_SQL = """-- One row a permit, with the holder's registered name.
with permits as (
    select
        {{ code('p.permit_no') }} as permit_no,
        {{ code('p.uscc') }} as uscc,
        {{ date('p.valid_to') }} as valid_to,
        {{ bad_date('p.valid_to') }} as bad_valid_to,
        {{ integer('p.workers') }} as workers,
        p._row
    from {{ source('permits') }} as p
)
select
    permits.permit_no,
    register.name as holder,
    permits.workers,
    permits.valid_to,
    permits._row,
    permits.bad_valid_to as _bad_valid_to
from permits
left join {{ ref('register') }} as register on permits.uscc = register.uscc
"""


LANDED = ("permit_no", "uscc", "valid_to", "workers")


def permits(sql: str = PERMITS_SQL, **changes: Any) -> Dataset:
    """A dataset with its own SQL over one source of its own and the register."""
    given: dict[str, Any] = {
        "id": "permits",
        "body": "build",
        "fields": (
            a_field("permit_no", key=True),
            a_field("holder"),
            a_field("valid_to", type=FieldType.DATE),
            a_field("workers", type=FieldType.INTEGER),
        ),
        "sources": (
            a_source(
                id="permits",
                columns=tuple(
                    (each, each) for each in ("permit_no", "uscc", "valid_to", "workers")
                ),
                null_spellings=("/",),
            ),
        ),
        "model": sql,
        "reads": ("register",),
    }
    return a_dataset(**given | changes)


def a_city(sql: str = PERMITS_SQL, **changes: Any) -> Catalog:
    return a_catalog(REGISTER, permits(sql, **changes))


def rows(con: duckdb.DuckDBPyConnection, project: Project, dataset_id: str) -> list[dict[str, Any]]:
    result = con.execute(project.model(dataset_id).sql)
    names = [each[0] for each in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def land(con: duckdb.DuckDBPyConnection, relation: str, *records: dict[str, Any]) -> None:
    columns = ", ".join(
        f'"{name}" {"bigint" if name == "_row" else "varchar"}' for name in records[0]
    )
    con.execute(f'create table "{relation}" ({columns})').fetchall()
    for record in records:
        marks = ", ".join("?" for _ in record)
        con.execute(f'insert into "{relation}" values ({marks})', list(record.values())).fetchall()


def test_a_model_derived_from_the_contract_yields_fields_row_and_flags_in_order() -> None:
    model = compile_project(a_catalog(REGISTER)).model("register")

    assert model.columns == (
        *("uscc", "name", "founded", "capital", "_row"),
        *("_bad_founded", "_bad_capital"),
    )
    assert model.casts == ("founded", "capital")
    assert (model.sources, model.reads) == (("main",), ())


def test_a_derived_model_runs_and_yields_what_it_says_with_the_types_of_the_contract() -> None:
    project = compile_project(a_catalog(REGISTER))
    landed = {"uscc": "x1", "name": " 甲 ", "founded": "2021/3/20", "capital": "1,000.5", "_row": 2}
    bad = {"uscc": "x2", "name": "", "founded": "近日", "capital": "1E3", "_row": 3}

    with duckdb.connect() as con:
        land(con, source_relation("register", "main"), landed, bad)
        found = rows(con, project, "register")
        described = con.execute("describe " + project.model("register").sql).fetchall()

    assert tuple(found[0]) == project.model("register").columns
    assert [each["_bad_founded"] for each in found] == [False, True]
    assert [each["_bad_capital"] for each in found] == [False, True]
    assert [each["_row"] for each in found] == [2, 3]
    assert [each[1] for each in described][:5] == [
        *("VARCHAR", "VARCHAR", "DATE", "DECIMAL(18,2)", "BIGINT")
    ]


def test_the_lineage_of_a_derived_model_is_what_its_sql_says() -> None:
    model = compile_project(a_catalog(REGISTER)).model("register")

    landed = Relation(
        name=source_relation("register", "main"),
        upstream="source:main",
        columns=("uscc", "name", "founded", "capital", "_row"),
    )
    bound = qualified(sqlglot.parse_one(model.sql, read=DIALECT), (landed,))
    assert lineage_of(bound, (landed,)) == model.lineage


def test_a_written_model_joins_its_source_with_another_bodys_standardised_rows() -> None:
    project = compile_project(a_city())
    with duckdb.connect() as con:
        land(
            con,
            source_relation("permits", "permits"),
            {"permit_no": "a1", "uscc": "x1", "valid_to": "44744", "workers": "12.0", "_row": 2},
            {"permit_no": "a2", "uscc": "/", "valid_to": "某日", "workers": "1e3", "_row": 3},
        )
        land(con, ref_relation("register"), {"uscc": "X1", "name": "甲公司"})
        found = sorted(rows(con, project, "permits"), key=lambda each: each["_row"])

    assert [each["permit_no"] for each in found] == ["A1", "A2"]
    assert [each["holder"] for each in found] == ["甲公司", None]
    assert [str(each["valid_to"]) for each in found] == ["2022-07-02", "None"]
    assert [each["workers"] for each in found] == [12, None]
    assert [each["_bad_valid_to"] for each in found] == [False, True]


def test_a_written_model_comes_out_in_catalog_order_with_a_flag_for_every_typed_field() -> None:
    model = compile_project(a_city()).model("permits")

    assert model.columns == (
        *("permit_no", "holder", "valid_to", "workers", "_row"),
        *("_bad_valid_to", "_bad_workers"),
    )
    assert (model.sources, model.reads) == (("permits",), ("register",))


def test_a_column_a_written_model_left_untyped_is_typed_and_flagged() -> None:
    untyped = PERMITS_SQL.replace("{{ integer('p.workers') }}", "p.workers")
    project = compile_project(a_city(untyped))
    with duckdb.connect() as con:
        land(
            con,
            source_relation("permits", "permits"),
            {"permit_no": "a", "uscc": "", "valid_to": "", "workers": "十二", "_row": 2},
        )
        land(con, ref_relation("register"), {"uscc": "x", "name": "y"})
        found = rows(con, project, "permits")

    assert (found[0]["workers"], found[0]["_bad_workers"]) == (None, True)


def test_the_lineage_of_a_written_model_crosses_into_the_dataset_it_reads() -> None:
    lineage = compile_project(a_city()).model("permits").lineage

    assert [(each.upstream, each.upstream_column) for each in lineage.of("holder")] == [
        ("register", "name")
    ]
    assert [(each.upstream, each.upstream_column) for each in lineage.of("valid_to")] == [
        ("source:permits", "valid_to")
    ]
    assert {each.upstream for each in lineage.edges} == {"register", "source:permits"}


WRONG = {
    "hard_coded_table": (
        "{{ ref('register') }} as register",
        "standardised_register as register, other",
        "other is written by hand; use ref() or source().",
    ),
    "hard_coded_file": (
        "{{ ref('register') }} as register on",
        "'/srv/x.parquet' as register on",
        "is written by hand; use ref() or source().",
    ),
    "table_function": (
        "{{ ref('register') }} as register on",
        "read_csv('x.csv') as register on",
        "a table function is not a source; read files by source().",
    ),
    "undeclared_source": (
        "source('permits')",
        "source('renewals')",
        "source('renewals') is not declared; the entry has permits.",
    ),
    "unread_source": (
        "{{ source('permits') }} as p",
        "{{ ref('register') }} as p",
        "source 'permits' is declared and never read; read it or take it out.",
    ),
    "undeclared_ref": (
        "ref('register')",
        "ref('elsewhere')",
        "ref('elsewhere') is not among the datasets the entry reads: register.",
    ),
    "final_star": (
        "permits.permit_no,\n    register.name as holder,",
        "permits.*,",
        "permits.sql:13: the final SELECT names its columns; `*` is refused there.",
    ),
    "missing_column": (
        "    permits.workers,\n",
        "",
        "the SELECT lacks workers, which the entry declares.",
    ),
    "extra_column": (
        "    permits.workers,\n",
        "    permits.workers,\n    permits.uscc,\n",
        "the SELECT yields uscc, which the entry does not declare.",
    ),
    "unknown_flag": (
        "as _bad_valid_to",
        "as _bad_holder",
        "the SELECT yields _bad_holder, which the entry does not declare.",
    ),
    "unknown_column": ("register.name as holder", "register.nickname as holder", "nickname"),
    "syntax": (
        "left join {{ ref('register') }} as register on",
        "left join {{ ref('register') }} as register on on (",
        "catalog/build/permits.sql:2",
    ),
    "unknown_macro": (
        "{{ date('p.valid_to') }}",
        "{{ datum('p.valid_to') }}",
        "catalog/build/permits.sql:6: 'datum' is undefined.",
    ),
    "template_syntax": (
        "{{ date('p.valid_to') }}",
        "{{ date('p.valid_to' }}",
        "catalog/build/permits.sql:6: ",
    ),
    "unsafe_template": (
        "{{ date('p.valid_to') }}",
        "{{ ''.__class__.__mro__ }}",
        "catalog/build/permits.sql:6: ",
    ),
    "two_statements": (
        "with permits as (",
        "select 1; with permits as (",
        "a model is exactly one SELECT.",
    ),
    "relation_shadowed": (
        "with permits as (",
        "with standardised_register as (select 1 as uscc), permits as (",
        "a common table expression may not be called standardised_register",
    ),
    "columns_function": (
        "    permits.workers,\n",
        "    columns('workers'),\n",
        "columns() hides which column comes from where; write it out.",
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_model_that_is_not_what_its_entry_declares_is_refused(
    old: str, new: str, said: str
) -> None:
    assert old in PERMITS_SQL

    with pytest.raises(ModelError) as refused:
        compile_project(a_city(PERMITS_SQL.replace(old, new)))

    assert said in str(refused.value)


def test_every_problem_of_every_model_is_told_at_once() -> None:
    unread = permits(PERMITS_SQL.replace("ref('register')", "ref('elsewhere')"))
    derived = a_dataset(id="two_sources", sources=(a_source(id="one"), a_source(id="two")))
    lacking = a_dataset(id="lacking", sources=(a_source(columns=(("name", "名称"),)),))

    with pytest.raises(ModelError) as refused:
        compile_project(a_catalog(REGISTER, unread, derived, lacking))

    assert [each.partition(": ")[2] for each in str(refused.value).splitlines()[1:]] == [
        "ref('elsewhere') is not among the datasets the entry reads: register.",
        "the entry reads 'register', but the SQL has no ref() to it.",
        "several sources (one, two) need SQL that joins them; write a .sql.",
        "field 'uscc' has no column in its source.",
    ]


def test_an_entry_that_is_only_listed_compiles_and_has_no_model() -> None:
    project = compile_project(a_catalog(a_dataset(id="listed", sources=())))

    with pytest.raises(ModelError, match="listed has neither a source nor SQL"):
        project.model("listed")


def test_asking_for_a_dataset_nobody_lists_names_those_that_exist() -> None:
    with pytest.raises(UnknownDataset, match="the catalog has register"):
        compile_project(a_catalog(REGISTER)).model("registers")


def test_a_catalog_without_sql_never_loads_the_sql_parser() -> None:
    probe = (
        "import sys; from dbt_like_sql.project import compile_project;"
        "from tests.support import a_catalog;"
        "compile_project(a_catalog()).model('enterprise_register'); print('sqlglot' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "False"
