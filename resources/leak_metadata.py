"""The leak scan of what is said about the data: a release gives people away in its metadata too.

Titles and descriptions are typed by somebody, and a Parquet file keeps words and bounds of its
columns in its footer. The values themselves are ``leak_scan.py``.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from opendata.catalog import Dataset
from opendata.findings import LeakFinding
from opendata.sql_text import literal, quoted
from opendata.vocabulary import Semantic
from resources.recognisers import find
from resources.vault import SecretKey

_BLOCKING = frozenset({Semantic.CITIZEN_ID, Semantic.BANK_CARD, Semantic.MOBILE})
_TELLING = _BLOCKING | {Semantic.EMAIL, Semantic.PLATE}
_DIGEST = re.compile("[0-9a-f]{32,}")
"""Hexadecimal digests, whose digits are nobody's number."""


def scan_metadata(
    con: duckdb.DuckDBPyConnection, parquet: Path, dataset: Dataset, *, digest_key: SecretKey
) -> tuple[LeakFinding, ...]:
    """Who is given away by the texts that are released with a file, and by the file's own footer.

    A finding's ``column`` is where it stands, in Chinese. Numbers of people block; an address for
    questions is for a steward to look at.
    """
    texts = dict(_texts(dataset)) | dict(_footer(con, parquet))
    return tuple(
        finding for where, text in texts.items() for finding in _findings(where, text, digest_key)
    )


def _texts(dataset: Dataset) -> Iterator[tuple[str, str]]:
    yield "元数据“名称”", dataset.title
    yield "元数据“摘要”", dataset.summary or ""
    yield "元数据“许可”", dataset.release.licence
    for each in dataset.released_fields:
        yield f"元数据“字段 {each.name} 的名称”", each.title


def _footer(con: duckdb.DuckDBPyConnection, parquet: Path) -> Iterator[tuple[str, str]]:
    file = literal(str(parquet))
    kept = con.execute(
        f"select decode(key), decode(value) from parquet_kv_metadata({file})"
    ).fetchall()
    for key, value in kept:
        yield f"文件属性“{key}”", value
    names = con.execute(
        f"select distinct path_in_schema from parquet_metadata({file}) where type = 'BYTE_ARRAY'"
    ).fetchall()
    for (name,) in names:
        yield f"文件统计信息“{name}”", "\n".join(_bounds_of_no_value(con, file, name))


def _bounds_of_no_value(con: duckdb.DuckDBPyConnection, file: str, name: str) -> Iterator[str]:
    """Bounds a footer tells that no value of the column has: what is a value was scanned as one.

    The column is only asked about a bound in which there is something to be found.
    """
    told = con.execute(
        "select distinct unnest([stats_min_value, stats_max_value, stats_min, stats_max]) as bound "
        f"from parquet_metadata({file}) where path_in_schema = {literal(name)}"
    ).fetchall()
    for (bound,) in told:
        if bound is None or not find(bound):
            continue
        column = quoted(name)
        held = con.execute(
            f"select 1 from read_parquet({file}) where {column} = ? limit 1", [bound]
        ).fetchone()
        if held is None:
            yield bound


def _findings(where: str, text: str, digest_key: SecretKey) -> Iterator[LeakFinding]:
    plain = _DIGEST.sub(" ", text)
    seen: dict[Semantic, set[str]] = {}
    for span in find(plain):
        if span.kind in _TELLING:
            seen.setdefault(span.kind, set()).add(plain[span.start : span.end])
    for kind, values in seen.items():
        yield LeakFinding(
            column=where,
            semantic=kind.value,
            count=len(values),
            digest=digest_key.digest(values),
            blocks=kind in _BLOCKING,
        )
