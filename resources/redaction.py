"""Redaction of many texts at once: what ``RedactSpans`` says of one, a column at a time.

The operator is the meaning; a property test holds the two together. Finding belongs to
``recognisers.py``.
"""

import polars as pl
import pyarrow as pa

from opendata.vocabulary import Semantic
from resources.reading import Span
from resources.recognisers import find_each

_NAMED = {kind: f"〔{kind.value}〕" for kind in Semantic}


def redacted_texts(texts: pl.Series) -> pa.Table:
    """The texts that hold an identifier (``value``), and what becomes of each (``treated``).

    >>> redacted_texts(pl.Series(["正常", "联系电话13800138000。"])).to_pylist()
    [{'value': '联系电话13800138000。', 'treated': '联系电话〔手机号码〕。'}]
    """
    found = [(text, _without(text, spans)) for _, text, spans in find_each(texts)]
    values, treated = zip(*found, strict=True) if found else ((), ())
    return pa.table(
        {"value": pa.array(values, pa.string()), "treated": pa.array(treated, pa.string())}
    )


def _without(text: str, spans: tuple[Span, ...]) -> str:
    pieces: list[str] = []
    after = 0
    for start, end, kind in spans:
        pieces += (text[after:start], _NAMED[kind])
        after = end
    pieces.append(text[after:])
    return "".join(pieces)
