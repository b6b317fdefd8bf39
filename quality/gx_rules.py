"""Rules that Great Expectations judges itself, on the same flagged table, 问题数据 included.

It runs in a process of its own, once a dataset and only where there is such a rule: importing it
costs some seven CPU seconds, and pandas takes the columns asked about. Counts come back, never a
value. A rule it crashes in is neither met nor broken: that is an error. Which types these are is
``gx_types.py``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from opendata.catalog import Dataset
from opendata.errors import Problem, RuleError
from opendata.findings import Expectation, RuleResult
from opendata.sql_text import quoted
from opendata.vocabulary import FieldType
from quality.gx_apart import ask
from quality.suite_json import gx_version, to_suite_json

_NAMED = 5
_SPECIMENS = {
    FieldType.TEXT: "'null'",  # the one text that is JSON by any reading
    FieldType.INTEGER: "1::bigint",
    FieldType.DECIMAL: "1.0::decimal(18, 2)",
    FieldType.DATE: "date '2000-01-01'",
    FieldType.DATETIME: "timestamp '2000-01-01 00:00:00'",
}


def gx_results(
    con: duckdb.DuckDBPyConnection, flagged: Path, rules: Sequence[Expectation]
) -> Iterator[RuleResult]:
    """How each rule fares; without rules nothing is started.

    Raises:
        RuleError: Great Expectations crashed in a rule, or altogether; names the rules.
    """
    if not rules:
        return
    (answer,) = ask([_order(con, flagged, rules)])
    opinions = {each["expectation_id"]: each for each in answer.get("opinions", ())}
    if silent := [each for each in rules if each.id not in opinions]:
        raise _unjudged(flagged.stem, silent, answer)
    for each in rules:
        yield _result(each, opinions[each.id])


def wrong_for_gx(suites: Sequence[tuple[Dataset, Sequence[Expectation]]]) -> Iterator[Problem]:
    """Rules that Great Expectations could not judge, tried on a row that is nobody's.

    It is started once for the suites of all datasets, and not at all where none has such a rule.
    """
    asked = [(dataset, rules) for dataset, rules in suites if rules]
    if not asked:
        return
    answers = ask([_trial(dataset, rules) for dataset, rules in asked])
    for (dataset, _), answer in zip(asked, answers, strict=True):
        entry = f"catalog/{dataset.body}/{dataset.id}.yaml"
        if "crash" in answer:
            said = f"{answer['crash']} at {answer['where']}"
            yield Problem(entry, f"Great Expectations could not be asked about its rules: {said}")
        for rule, said in answer.get("wrong", {}).items():
            yield Problem(f"{entry} quality rule {rule}", said)


def _trial(dataset: Dataset, rules: Sequence[Expectation]) -> Mapping[str, Any]:
    row = ", ".join(f"{_SPECIMENS[each.type]} as {quoted(each.name)}" for each in dataset.fields)
    suite = to_suite_json(dataset.id, rules)
    return {"job": "check", "suite": suite, "specimen": f"(select {row})"}


def _order(
    con: duckdb.DuckDBPyConnection, flagged: Path, rules: Sequence[Expectation]
) -> Mapping[str, Any]:
    # What does not fit into memory goes where this connection's own goes: it is raw too.
    (scratch,) = con.execute("select current_setting('temp_directory')").fetchone() or ("",)
    return {
        "job": "judge",
        "flagged": str(flagged.absolute()),
        "suite": to_suite_json(flagged.stem, rules),
        "fields": [],
        "scratch": scratch,
    }


def _result(rule: Expectation, opinion: Mapping[str, Any]) -> RuleResult:
    success = bool(opinion["success"])
    by_rows = opinion["rows"] is not None  # a verdict on a whole column looks at one element
    return RuleResult(
        expectation=rule,
        rows=opinion["rows"] if by_rows else 1,
        missing=opinion["missing"] if by_rows else 0,
        unexpected=opinion["unexpected"] if by_rows else int(not success),
        success=success,
        observed=opinion["observed"],
        judged_by=f"Great Expectations {gx_version()}",
    )


def _unjudged(name: str, rules: Iterable[Expectation], answer: Mapping[str, Any]) -> RuleError:
    named = [f"{each.id} ({each.type})" for each in rules]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    died = f" ({answer['crash']} at {answer['where']})" if "crash" in answer else ""
    told = [f"“{each.description}”（{each.id}）" for each in rules][:_NAMED]
    and_so_on = f"等{len(named)}条规则" if more else ""
    return RuleError(
        f"{name}: Great Expectations crashed{died} in the rule {', '.join(named[:_NAMED])}{more}, "
        "so it is neither met nor broken; `opendata check` says what is wrong with its "
        "arguments, and docs/gx-differences.md which values it crashes of",
        reason=f"{'、'.join(told)}{and_so_on}由 Great Expectations 评估时出错",
    )
