"""Columns judged by the look of their values alone: names, doors, coordinates.

No check digit tells these from what merely looks like them, so that a whole column is counted
natively, and what is found is for a steward to look at. Values that can be proven are judged in
``leak_verdicts.py``.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from opendata.catalog import Field
from opendata.findings import LeakFinding
from opendata.vocabulary import Semantic
from resources.leak_evidence import SPEAKS_OF_NAME, Evidence, digest_of
from resources.recognisers_names import PERSON_SHAPE
from resources.vault import SecretKey

_MOST = 0.8
_SAMPLE = 2_000
_UNCALLED_AT_LEAST = 50
"""Fewer distinct values under a heading that speaks of nobody are words, not people."""

_SPEAKS_OF_HOME = re.compile("住址|住所|家庭|户籍|户口|居住|现住|常住|暂住|收货|通讯地址|联系地址")
_SPEAKS_OF_SEAT = re.compile("企业|单位|公司|机构|经营|注册|营业|场所|办公|项目|工程|店|厂|校|院")
_SPEAKS_OF_LONGITUDE = re.compile("经度|坐标|(?i:lng|lon)")
_SPEAKS_OF_LATITUDE = re.compile("纬度|坐标|(?i:lat)")
_TO_FOUR_DECIMALS = r"^-?[0-9]{1,3}\.[0-9]{3,}[1-9]0*$"
_NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL", "VARCHAR")
_EAST, _NORTH = (73.0, 136.0), (3.0, 54.0)

Held = tuple[pl.Series, int]
"""Distinct values, and the number of rows that hold them."""


def names(parquet: Path, evidence: Evidence, key: SecretKey) -> tuple[LeakFinding, ...]:
    """A finding when most distinct values of the column are built like names of people.

    Where the heading does not speak of people a sample is looked at first, and many must be.
    """
    value, like = pl.col(evidence.column), f"^(?:{PERSON_SHAPE})$"
    scanned = pl.scan_parquet(parquet).select(value)
    called = evidence.is_called(SPEAKS_OF_NAME) or evidence.is_meant_as(Semantic.PERSON_NAME)
    if not called:
        sample = scanned.head(_SAMPLE).collect().to_series().drop_nulls().unique()
        alike = int(sample.str.contains(like).sum())
        if alike < _UNCALLED_AT_LEAST or alike < _MOST * sample.len():
            return ()
    distinct = scanned.drop_nulls().group_by(value).len().collect(engine="streaming")
    people = distinct.filter(value.str.contains(like))
    if people.is_empty() or people.height < _MOST * distinct.height:
        return ()
    held = people.to_series(), int(people.to_series(1).sum())
    return (_finding(evidence.column, Semantic.PERSON_NAME, held, key, blocks=False),)


def doors(found: Held, evidence: Evidence, key: SecretKey) -> tuple[LeakFinding, ...]:
    """Addresses to the house number, where most values are: of homes they block, by the heading.

    A company's seat is public. A heading that says neither is for a steward to look at.
    """
    told = evidence.is_meant_as(Semantic.ADDRESS) or evidence.is_called(_SPEAKS_OF_HOME)
    seat = evidence.is_called(_SPEAKS_OF_SEAT)
    if found[0].is_empty() or (seat and not told):
        return ()
    blocks = told and not seat and not evidence.is_kept_on_a_ground(Semantic.ADDRESS)
    return (_finding(evidence.column, Semantic.ADDRESS, found, key, blocks=blocks),)


def coordinates(
    parquet: Path, kinds: Mapping[str, str], told: Mapping[str, Field], key: SecretKey
) -> tuple[LeakFinding, ...]:
    """A longitude and a latitude column to four decimals (eleven metres), inside the country."""
    numbers = [
        Evidence(name, told.get(name)) for name, kind in kinds.items() if kind.startswith(_NUMBERS)
    ]
    called = [
        [each.column for each in numbers if each.is_called(words)]
        for words in (_SPEAKS_OF_LONGITUDE, _SPEAKS_OF_LATITUDE)
    ]
    if not all(called):
        return ()
    east, north = (
        [each for name in columns if (each := _precise(parquet, name, bounds))]
        for columns, bounds in zip(called, (_EAST, _NORTH), strict=True)
    )
    if not (east and north):
        return ()
    return tuple(
        _finding(name, Semantic.COORDINATES, held, key, blocks=False)
        for name, held in (*east, *north)
    )


def _precise(parquet: Path, name: str, bounds: tuple[float, float]) -> tuple[str, Held] | None:
    """The column's values to four decimals within the bounds, if most of them are so."""
    value = pl.col(name).cast(pl.String)
    inside = value.cast(pl.Float64, strict=False).is_between(*bounds)
    values = pl.scan_parquet(parquet).select(value).drop_nulls().group_by(name).len()
    distinct = values.collect(engine="streaming")
    found = distinct.filter(inside & value.str.contains(_TO_FOUR_DECIMALS))
    if found.is_empty() or found.height * 2 < distinct.height:
        return None
    return name, (found.to_series(), int(found.to_series(1).sum()))


def _finding(
    column: str, kind: Semantic, held: Held, key: SecretKey, *, blocks: bool
) -> LeakFinding:
    values, rows = held
    return LeakFinding(
        column=column,
        semantic=kind.value,
        count=rows,
        digest=digest_of(values, key),
        blocks=blocks,
    )
