"""Great Expectations in a process of its own: orders as JSON lines in, answers as JSON lines out.

Importing it costs seven CPU seconds and 270 MB, and pandas takes the whole table: all of that ends
with the process. Answers hold counts and ids; of a crash they hold the kind and the place, never
the message, which may quote a value. The other end is ``gx_apart.py``.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from opendata.sql_text import quoted
from quality import gx
from quality.row_rules import columns_of
from quality.sql import parquet
from quality.suite_json import from_suite_json
from quality.table_rules import TABLE_TYPES

_ABOUT_COLUMNS = {name for name, each in TABLE_TYPES.items() if each.about_columns}
Order = Mapping[str, Any]


def judge(order: Order) -> Mapping[str, Any]:
    """A second opinion on the file ``flagged`` with its ``fields``, by the text of a ``suite``."""
    expectations = from_suite_json(order["suite"])
    used = dict.fromkeys(name for each in expectations for name in columns_of(each.kwargs))
    if any(each.type in _ABOUT_COLUMNS for each in expectations):
        used = order["fields"]
    columns = ", ".join(map(quoted, used or order["fields"][:1]))
    flagged = Path(order["flagged"])
    crashed: tuple[str, ...] = ()
    with duckdb.connect(config={"temp_directory": order["scratch"]}) as con:
        con.execute("set enable_progress_bar = false").fetchall()
        relation = f"(select {columns} from {parquet(flagged)})"
        try:
            opinions = gx.second_opinion(con, relation, expectations, beside=flagged.parent)
        except gx.NotEvaluated as partly:
            opinions, crashed = partly.opinions, partly.rules
    return {"opinions": [asdict(each) for each in opinions], "crashed": list(crashed)}


def docs(order: Order) -> Mapping[str, Any]:
    """Data Docs of validation ``results`` (texts) under ``folder``; where they begin."""
    return {"index": str(gx.build_data_docs(order["results"], Path(order["folder"])))}


JOBS: Mapping[str, Callable[[Order], Mapping[str, Any]]] = {"judge": judge, "docs": docs}


def main() -> None:
    """Answer every order on standard input, in order; whatever else is printed goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = JOBS[order["job"]](order)
        except Exception as crash:
            answer = {"crash": type(crash).__name__, "where": _where(crash)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _where(crash: Exception) -> str:
    frames = traceback.extract_tb(crash.__traceback__)[-3:]
    return " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in reversed(frames))


if __name__ == "__main__":
    main()
