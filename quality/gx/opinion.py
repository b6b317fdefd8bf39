"""A second opinion: rules on a relation, judged by real Great Expectations on pandas."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from opendata.findings import Expectation
from quality.earlier import Earlier
from quality.gx.held import frame_of, look_up
from quality.gx.registered import register
from quality.gx_types import GX_TYPES
from quality.suite_json import to_suite_json

_NO_VALUES = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """What real Great Expectations counts for one rule; counts are None for rules on the table.

    ``observed`` is told of types that observe no value: a distance, or the name of a type.
    """

    expectation_id: str
    success: bool
    rows: int | None
    missing: int | None
    unexpected: int | None
    observed: str | None = None


class NotEvaluated(RuntimeError):
    """Great Expectations crashed in some rules; ``opinions`` are those on the others."""

    def __init__(self, rules: Sequence[str], opinions: Sequence[SecondOpinion]) -> None:
        self.rules, self.opinions = tuple(rules), tuple(opinions)
        named = ", ".join(self.rules)
        super().__init__(f"Great Expectations could not evaluate the rule {named}")


def load_suite(text: str) -> Any:
    """A suite file as a real ``ExpectationSuite``."""
    import great_expectations as gx
    from great_expectations.core.expectation_suite import expectationSuiteSchema

    register()
    loaded = expectationSuiteSchema.load(json.loads(text))
    return gx.ExpectationSuite(**loaded)


def second_opinion(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    expectations: Sequence[Expectation],
    *,
    beside: Path | None = None,
    earlier: Earlier | None = None,
) -> tuple[SecondOpinion, ...]:
    """Judge a relation with real Great Expectations on pandas, values never asked for.

    ``beside`` is the folder of the standardised tables that values are looked up in, ``earlier``
    what is kept of the versions before. Rules on what changed since take every column as text,
    rules on an authority the clean rows alone.

    Raises:
        NotEvaluated: Great Expectations could not evaluate a rule; names it, never a value.
    """
    import great_expectations as gx

    suite = load_suite(to_suite_json("second_opinion", expectations))
    look_up(con, expectations, beside=beside, earlier=earlier)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    batch = whole.get_batch({"dataframe": frame_of(con, relation)})
    judged = batch.validate(context.suites.add(suite), result_format=_NO_VALUES)
    crashed = [_id(each) for each in judged.results if _has_crashed(each)]
    opinions = tuple(_opinion(each) for each in judged.results if not _has_crashed(each))
    if crashed:
        raise NotEvaluated(crashed, opinions)
    return opinions


def _id(judged: Any) -> str:
    return str(judged.expectation_config.meta["id"])


def _has_crashed(judged: Any) -> bool:
    return bool(judged.exception_info.get("raised_exception", True))


def _opinion(judged: Any) -> SecondOpinion:
    counts = judged.result
    unexpected = counts.get("unexpected_count")
    return SecondOpinion(
        expectation_id=_id(judged),
        success=bool(judged.success),
        rows=counts.get("element_count"),
        missing=counts.get("missing_count", None if unexpected is None else 0),
        unexpected=unexpected,
        observed=_observed(judged),
    )


def _observed(judged: Any) -> str | None:
    """What was observed of a whole column, for the types whose observation is nobody's value."""
    known = GX_TYPES.get(judged.expectation_config.type)
    seen = judged.result.get("observed_value")
    return str(seen) if known and known.of_column and seen is not None else None
