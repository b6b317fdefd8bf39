from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_like_sql.project import compile_project, source_relation
from dbt_like_sql.rendering import Rendered, render_written
from opendata.catalog import Field
from opendata.vocabulary import FieldType, Semantic
from tests.support import a_catalog, a_dataset, a_field, a_source

ZERO_WIDTH = "\u200b"
NO_BREAK = "\u00a0"
BYTE_ORDER_MARK = "\ufeff"


def standardised(field: Field, text: str | None, *nulls: str) -> tuple[Any, bool | None]:
    """What a generated model makes of one landed text: the value, and its flag if it has one."""
    source = a_source(columns=((field.name, field.heading),), null_spellings=nulls)
    dataset = a_dataset(fields=(field,), sources=(source,))
    model = compile_project(a_catalog(dataset)).model(dataset.id)
    relation = source_relation(dataset.id, "main")
    with duckdb.connect() as con:
        con.execute(f'create table {relation} ("{field.name}" varchar, _row bigint)').fetchall()
        con.execute(f"insert into {relation} values (?, 1)", [text]).fetchall()
        row = con.execute(model.sql).fetchall()[0]
    return row[0], row[2] if model.casts else None


DATES = {
    "iso": ("2022-07-29", date(2022, 7, 29)),
    "iso_with_time": ("2022-07-29 11:46:00", date(2022, 7, 29)),
    "iso_with_t": ("2022-07-29T11:46:00.123", date(2022, 7, 29)),
    "beijing_time": ("2022-07-29T11:46:00+08:00", date(2022, 7, 29)),
    "slashes": ("2021/3/20", date(2021, 3, 20)),
    "slashes_with_time": ("2021/3/20 9:05", date(2021, 3, 20)),
    "dots": ("2022.08.03", date(2022, 8, 3)),
    "short_dots": ("2022.8.3", date(2022, 8, 3)),
    "chinese": ("2023年04月12日", date(2023, 4, 12)),
    "short_chinese": ("2023年4月2日", date(2023, 4, 2)),
    "chinese_with_time": ("2023年4月2日 10:30", date(2023, 4, 2)),
    "compact": ("20170623", date(2017, 6, 23)),
    "compact_with_time": ("20170623093000", date(2017, 6, 23)),
    "serial": ("44744", date(2022, 7, 2)),
    "serial_float": ("45356.0", date(2024, 3, 5)),
    "serial_with_time": ("45356.75", date(2024, 3, 5)),
    "no_end": ("9999-12-31", date(9999, 12, 31)),
    "far_end": ("2099/12/31", date(2099, 12, 31)),
    "full_width": ("２０２１／３／２０", date(2021, 3, 20)),
    "surrounded": (f"\t 2021-03-20{ZERO_WIDTH}\n", date(2021, 3, 20)),
}


@pytest.mark.parametrize(("text", "meant"), DATES.values(), ids=DATES.keys())
def test_every_date_spelling_seen_in_published_files_is_read(text: str, meant: date) -> None:
    assert standardised(a_field("on", type=FieldType.DATE), text) == (meant, False)


NO_DATES = {
    "scientific": "2.01905E+13",
    "day_first": "26/10/2023",
    "ambiguous": "12/10/23",
    "month_only": "2021年3月",
    "month_dash": "2021-03",
    "prose": "2021年度2  月",
    "no_such_day": "2023-02-30",
    "year_too_long": "20222-01-01",
    "year_too_early": "0012-10-23",
    "year_1203": "1203-04-05",
    "year_2999": "2999-01-01",
    "serial_too_small": "19999",
    "serial_too_big": "73051",
    "infinity": "infinity",
    "epoch": "epoch",
    "utc": "2022-07-29T16:00:00Z",
    "other_zone": "2022-07-29 16:00:00+00:00",
    "trailing_words": "2022-07-29起",
    "before_christ": "2021-03-20 (BC)",
    "id_number": "110105194912310021",
}


@pytest.mark.parametrize("text", NO_DATES.values(), ids=NO_DATES.keys())
def test_what_is_not_surely_a_date_is_flagged_not_guessed(text: str) -> None:
    assert standardised(a_field("on", type=FieldType.DATE), text) == (None, True)


@pytest.mark.parametrize("kind", [FieldType.DATE, FieldType.DATETIME], ids=["date", "datetime"])
def test_day_first_counts_where_it_is_declared(kind: FieldType) -> None:
    declared = a_field("on", type=kind, date_formats=("%d/%m/%Y", "%d/%m/%Y %H:%M:%S"))

    value, bad = standardised(declared, "3/10/2023 10:00:00")
    other, _ = standardised(declared, "2023-10-04")

    assert (str(value)[:10], bad) == ("2023-10-03", False)
    assert str(other)[:10] == "2023-10-04"


def test_a_declared_spelling_wins_over_the_usual_reading() -> None:
    declared = a_field("on", type=FieldType.DATE, date_formats=("%Y-%d-%m",))

    assert standardised(declared, "2023-04-12") == (date(2023, 12, 4), False)


MOMENTS = {
    "iso": ("2022-07-29 11:46:00", "2022-07-29 11:46:00"),
    "day_only": ("2022-07-29", "2022-07-29 00:00:00"),
    "beijing_time": ("2022-07-29T11:46:00+08:00", "2022-07-29 11:46:00"),
    "chinese": ("2023年4月2日 10:30", "2023-04-02 10:30:00"),
    "chinese_day": ("2023年4月2日", "2023-04-02 00:00:00"),
    "compact": ("20170623093000", "2017-06-23 09:30:00"),
    "serial": ("45356.75", "2024-03-05 18:00:00"),
}


@pytest.mark.parametrize(("text", "meant"), MOMENTS.values(), ids=MOMENTS.keys())
def test_moments_are_read_in_the_same_spellings(text: str, meant: str) -> None:
    value, bad = standardised(a_field("at", type=FieldType.DATETIME), text)

    assert (str(value), bad) == (meant, False)


NUMBERS = {
    "plain": ("12", 12),
    "negative": ("-12", -12),
    "spreadsheet": ("12.0", 12),
    "thousands": ("1,234,567", 1234567),
    "thousands_full_width": ("1，234.00", 1234),
    "full_width": ("１２", 12),
    "zeros": ("007", 7),
    "beyond_float": ("9007199254740993.0", 9007199254740993),
    "fraction": ("12.5", None),
    "scientific": ("1e3", None),
    "scientific_capital": ("9.11E+17", None),
    "hexadecimal": ("0x1F", None),
    "underscore": ("1_000", None),
    "misplaced_comma": ("12,5", None),
    "unit": ("12人", None),
    "too_big": ("9223372036854775808", None),
}


@pytest.mark.parametrize(("text", "meant"), NUMBERS.values(), ids=NUMBERS.keys())
def test_an_integer_is_read_exactly_or_flagged(text: str, meant: int | None) -> None:
    assert standardised(a_field("n", type=FieldType.INTEGER), text) == (meant, meant is None)


AMOUNTS = {
    "plain": ("12.5", Decimal("12.50")),
    "thousands": ("1,234.56", Decimal("1234.56")),
    "leading_point": (".5", Decimal("0.50")),
    "negative_full_width": ("\uff0d３\uff0e５", Decimal("-3.50")),
    "beyond_float": ("1234567890123456.78", Decimal("1234567890123456.78")),
    "beyond_scale": ("0.125", Decimal("0.13")),
    "scientific": ("1.5E3", None),
    "percent": ("12%", None),
    "decimal_comma": ("12,50", None),
    "too_big": ("123456789012345678.00", None),
}


@pytest.mark.parametrize(("text", "meant"), AMOUNTS.values(), ids=AMOUNTS.keys())
def test_an_amount_never_passes_through_a_float(text: str, meant: Decimal | None) -> None:
    assert standardised(a_field("fee", type=FieldType.DECIMAL), text) == (meant, meant is None)


@pytest.mark.parametrize(
    "around",
    [" ", "\t", "\r\n", NO_BREAK, ZERO_WIDTH, BYTE_ORDER_MARK, "\u3000", " \u3000\t"],
    ids=["space", "tab", "newline", "no_break", "zero_width", "bom", "ideographic", "mixed"],
)
def test_what_stands_around_a_text_goes_and_what_stands_inside_stays(around: str) -> None:
    inside = f"雁塔{around}区"

    assert standardised(a_field("name"), f"{around}{inside}{around}")[0] == inside
    assert standardised(a_field("name"), around)[0] is None


@pytest.mark.parametrize(
    "kind", [FieldType.TEXT, FieldType.INTEGER, FieldType.DATE], ids=["text", "integer", "date"]
)
@pytest.mark.parametrize("text", ["", "/", "——", " 无 ", "null"])
def test_a_null_spelling_of_the_source_is_nothing_and_not_bad(kind: FieldType, text: str) -> None:
    found, bad = standardised(a_field("x", type=kind), text, "/", "——", "无", "null")

    assert found is None
    assert not bad


def test_what_another_source_calls_nothing_is_a_value_here() -> None:
    assert standardised(a_field("x"), "/")[0] == "/"


def test_an_identifier_is_folded_and_upper_case_and_stays_text() -> None:
    uscc = a_field("uscc", semantic=Semantic.USCC)

    assert standardised(uscc, " ９１350100m000100y43")[0] == "91350100M000100Y43"
    assert standardised(uscc, "9.11E+17")[0] == "9.11E+17"
    assert standardised(uscc, "0012")[0] == "0012"


def test_ordinary_text_keeps_its_width_and_case() -> None:
    assert standardised(a_field("name"), "Ａ座（１）abc")[0] == "Ａ座（１）abc"


def test_a_quotation_mark_in_a_null_spelling_or_a_format_is_only_text() -> None:
    assert standardised(a_field("x"), "o'o", "o'o") == (None, None)
    declared = a_field("x", type=FieldType.DATE, date_formats=("'%d.%m.%Y'",))
    assert standardised(declared, "'1.2.2023'") == (date(2023, 2, 1), False)


def test_nothing_landed_is_nothing() -> None:
    assert standardised(a_field("on", type=FieldType.DATE), None) == (None, False)


CHARACTERS = "0123456789-/:., +TZ年月日eE_０１，\u200b\u00a0\u3000\t\n\x00"
SPELLINGS = st.lists(
    st.one_of(
        st.text(alphabet=CHARACTERS, max_size=24),
        st.builds(
            lambda value, before, after: f"{before}{value}{after}",
            st.one_of(st.integers(), st.decimals(allow_nan=False), st.dates(), st.datetimes()),
            st.sampled_from(("", " ", "\u3000", "+", "０")),
            st.sampled_from(("", " ", "\u00a0", "\t", "+08", "+8 ", "Z", "0")),
        ),
    ),
    min_size=200,
    max_size=200,
)


@settings(max_examples=60, deadline=None)
@given(SPELLINGS)
def test_a_plain_spelling_is_cast_as_cleaning_it_first_would_cast_it(texts: list[str]) -> None:
    pairs = {
        "{{ integer('x') }}": "{{ as_integer(clean_figure('x')) }}",
        "{{ decimal('x', 3) }}": "{{ as_decimal(clean_figure('x'), 3) }}",
        "{{ date('x') }}": "{{ as_date(clean_figure('x')) }}",
        "{{ datetime('x') }}": "{{ as_datetime(clean_figure('x')) }}",
    }
    asked = ", ".join(f"{one} is distinct from {other}" for one, other in pairs.items())
    dataset = a_dataset(
        model=f"select {asked} from {{{{ source('main') }}}}",
        sources=(a_source(null_spellings=("0", "2000-01-01")),),
    )
    rendered = render_written(dataset, source=lambda name: name, ref=lambda name: name)
    assert isinstance(rendered, Rendered)
    with duckdb.connect() as con:
        con.execute("create table main (x varchar)").fetchall()
        con.execute("insert into main select unnest(?)", [texts]).fetchall()
        told = con.execute(rendered.sql).fetchall()

    assert set(told) == {(False,) * len(pairs)}
