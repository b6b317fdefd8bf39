"""What a broken value looks like, without the value: 13800138000 is 99999999999, 张三 is XX.

Every letter and digit is replaced; only ASCII punctuation and spaces keep their place, because
they are what goes wrong most. Full-width digits and letters stay visible as such, for they look
right to the eye and are wrong to a machine.
"""

from pathlib import Path

import duckdb

from opendata.sql_text import literal, quoted
from quality.plan import RowRule
from quality.sql import parquet

LONGEST = 24
SHOWN = 3

_ASCII_MASKS = (("[0-9]", "9"), ("[A-Za-z]", "A"), ("[^ -~]", "X"))
_WIDE_MASKS = (
    ("[0-9]", "9"),
    ("[A-Za-z]", "A"),
    ("[０-９]", "９"),
    ("[\uff21-\uff3a\uff41-\uff5a]", "\uff21"),
    ("[^ -~９\uff21]", "X"),
)


def shape_of(column: str) -> str:
    """The masked shape of a column, as SQL; long text is cut."""
    text = f"left({quoted(column)}::varchar, {LONGEST})"
    # Most values are ASCII (as many bytes as characters) and need fewer masks.
    plain, wide = _masked(text, _ASCII_MASKS), _masked(text, _WIDE_MASKS)
    return f"if(strlen({text}) = length({text}), {plain}, {wide})"


def _masked(text: str, masks: tuple[tuple[str, str], ...]) -> str:
    for wanted, mask in masks:
        text = f"regexp_replace({text}, {literal(wanted)}, {literal(mask)}, 'g')"
    return text


def commonest_shapes(
    con: duckdb.DuckDBPyConnection, flagged: Path, rule: RowRule
) -> tuple[tuple[str, int], ...]:
    """The commonest shapes among the values that break a rule over one column; () where null."""
    column = rule.expectation.column
    if column is None:
        return ()
    broken = f"select {quoted(column)} from {parquet(flagged)} where {rule.bit.is_set}"
    counted = con.execute(
        f"select {shape_of(column)} as shape, count(*) as times from ({broken}) "
        f"where shape is not null group by shape order by times desc, shape limit {SHOWN}"
    ).fetchall()
    return tuple((str(shape), int(times)) for shape, times in counted)
