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

from quality.earlier import Earlier
from quality.gx.docs import build_data_docs
from quality.gx.held import held_apart
from quality.gx.opinion import NotEvaluated, SecondOpinion, load_suite, second_opinion
from quality.gx.registered import register
from quality.gx_types import GX_TYPES
from quality.row_rules import columns_of
from quality.sql import in_order, parquet
from quality.suite_json import from_suite_json, to_suite_json
from quality.table_rules import TABLE_TYPES

_ABOUT_COLUMNS = {name for name, each in TABLE_TYPES.items() if each.about_columns}
_IN_ORDER = {name for name, each in GX_TYPES.items() if each.in_order}
Order = Mapping[str, Any]


def judge(order: Order) -> Mapping[str, Any]:
    """A second opinion on the file ``flagged`` with its ``fields``, by the text of a ``suite``.

    ``earlier`` is what is kept of the versions before, where there is a rule on what changed.
    """
    expectations = from_suite_json(order["suite"])
    used = dict.fromkeys(name for each in expectations for name in columns_of(each.kwargs))
    if any(each.type in _ABOUT_COLUMNS for each in expectations):
        used = order["fields"]
    columns = tuple(used or order["fields"][:1])
    flagged = Path(order["flagged"])
    earlier = Earlier(**order["earlier"]) if order.get("earlier") else None
    opinions: list[SecondOpinion] = []
    crashed: list[str] = []
    with duckdb.connect(config={"temp_directory": order["scratch"]}) as con:
        con.execute("set enable_progress_bar = false").fetchall()
        table = parquet(flagged)
        if any(each.type in _IN_ORDER for each in expectations):
            table = f"(from {in_order(flagged)} order by file_row_number)"
        for relation, rules in held_apart(table, columns, expectations):
            try:
                beside = flagged.parent
                opinions += second_opinion(con, relation, rules, beside=beside, earlier=earlier)
            except NotEvaluated as partly:
                opinions += partly.opinions
                crashed += partly.rules
    return {"opinions": [asdict(each) for each in opinions], "crashed": crashed}


def check(order: Order) -> Mapping[str, Any]:
    """Rules of a ``suite`` that could not be judged, with why: tried on one row that is nobody's.

    ``specimen`` is that row, as SQL: a value of each field's type.
    """
    wrong: dict[str, str] = {}
    expectations = from_suite_json(order["suite"])
    register()
    for each in expectations:
        try:
            load_suite(to_suite_json("check", [each]))
        except ValueError as error:
            wrong[each.id] = _said(error)
    taken = [each for each in expectations if each.id not in wrong]
    with duckdb.connect() as con:
        try:
            second_opinion(con, order["specimen"], taken)
        except NotEvaluated as partly:
            crashed = "Great Expectations crashes in it, whatever the values; look at its arguments"
            wrong |= dict.fromkeys(partly.rules, crashed)
    return {"wrong": wrong}


def docs(order: Order) -> Mapping[str, Any]:
    """Data Docs of validation ``results`` (texts) under ``folder``; where they begin."""
    return {"index": str(build_data_docs(order["results"], Path(order["folder"])))}


JOBS: Mapping[str, Callable[[Order], Mapping[str, Any]]] = {
    "judge": judge,
    "check": check,
    "docs": docs,
}


def _said(error: ValueError) -> str:
    """What is wrong with the arguments, each by its name where pydantic says it."""
    named: Callable[[], list[dict[str, Any]]] | None = getattr(error, "errors", None)
    if named is None:
        return str(error)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in named())


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
