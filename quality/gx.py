"""Real Great Expectations: the differential oracle and the builder of Data Docs, on demand only.

The one module that imports it, and only inside functions: importing it costs about seven CPU
seconds and 270 MB, so nothing on the way to a release may come through here.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from opendata.findings import Expectation
from opendata.identifiers import is_bank_card, is_citizen_id, is_mobile, is_uscc
from quality.suite_json import to_suite_json

Check = Callable[..., bool]

_NO_VALUES = {"result_format": "BASIC", "partial_unexpected_count": 0}
_LOADED_FROM_OUTSIDE = re.compile(
    r"<(?:link|img|script)\b[^>]*https?://[^>]*>(?:\s*</script>)?|@import[^;]*https?://[^;]*;"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """What real Great Expectations counts for one rule; counts are None for rules on the table."""

    expectation_id: str
    success: bool
    rows: int | None
    missing: int | None
    unexpected: int | None


def register() -> None:
    """Teach Great Expectations our own types; again is harmless."""
    for name, check in (
        ("uscc", is_uscc),
        ("citizen_id", is_citizen_id),
        ("mobile", is_mobile),
        ("bank_card", is_bank_card),
    ):
        _register(f"valid_{name}", check, arguments=())
    _register("plausible_date", _is_plausible, arguments=("min_value", "max_value"))


def load_suite(text: str) -> Any:
    """A suite file as a real ``ExpectationSuite``."""
    import great_expectations as gx
    from great_expectations.core.expectation_suite import expectationSuiteSchema

    register()
    loaded = expectationSuiteSchema.load(json.loads(text))
    return gx.ExpectationSuite(**loaded)


def second_opinion(
    con: duckdb.DuckDBPyConnection, relation: str, expectations: Sequence[Expectation]
) -> tuple[SecondOpinion, ...]:
    """Judge a relation with real Great Expectations on pandas, values never asked for.

    Raises:
        RuntimeError: Great Expectations could not evaluate a rule; names it, never a value.
    """
    import great_expectations as gx

    suite = load_suite(to_suite_json("second_opinion", expectations))
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    batch = whole.get_batch({"dataframe": _frame(con, relation)})
    judged = batch.validate(context.suites.add(suite), result_format=_NO_VALUES)
    return tuple(map(_opinion, judged.results))


def build_data_docs(results: Sequence[str], folder: Path) -> Path:
    """Real Data Docs under ``folder`` from validation results of ``results_json``; the index page.

    Pages load nothing from outside; without network they keep their content and lose the styling.
    """
    import great_expectations as gx
    from great_expectations.core.expectation_validation_result import (
        expectationSuiteValidationResultSchema,
    )

    register()
    folder.mkdir(parents=True, exist_ok=True)
    context = gx.get_context(mode="file", project_root_dir=str(folder))
    for text in results:
        result = expectationSuiteValidationResultSchema.load(json.loads(text))
        context.validation_results_store.set(_key(json.loads(text)), result)
    context.build_data_docs()
    pages = sorted(folder.rglob("*.html"))
    for page in pages:
        html = page.read_text(encoding="utf-8")
        page.write_text(_LOADED_FROM_OUTSIDE.sub("", html), encoding="utf-8")
    return next(page for page in pages if page.name == "index.html")


def _register(name: str, check: Check, *, arguments: tuple[str, ...]) -> None:
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import ColumnMapExpectation
    from great_expectations.expectations.metrics import (
        ColumnMapMetricProvider,
        column_condition_partial,
    )
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    if f"expect_column_values_to_be_{name}" in list_registered_expectation_implementations():
        return

    class Provider(ColumnMapMetricProvider):  # type: ignore[misc]
        condition_metric_name = f"column_values.{name}"
        condition_value_keys = arguments

        @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
        def _pandas(cls, column: Any, **kwargs: Any) -> Any:  # noqa: N805 - Great Expectations' way
            chosen = {key: kwargs[key] for key in arguments}
            return column.map(lambda value: check(value, **chosen))

    title = "".join(part.title() for part in name.split("_"))
    members = {
        "__module__": __name__,
        "__doc__": f"Values are {name}.",
        "__annotations__": dict.fromkeys(arguments, str),
        "map_metric": Provider.condition_metric_name,
        "success_keys": ("mostly", *arguments),
    }
    type(f"ExpectColumnValuesToBe{title}", (ColumnMapExpectation,), members)


def _is_plausible(value: datetime, *, min_value: str, max_value: str) -> bool:
    return datetime.fromisoformat(min_value) <= value <= datetime.fromisoformat(max_value)


def _frame(con: duckdb.DuckDBPyConnection, relation: str) -> Any:
    """The relation as pandas, in the types Great Expectations can compare.

    Text bounds compare with nanoseconds only, pandas' own missing integers with nothing, and a
    column without values is not text until it is told so.
    """
    frame = con.execute(f"select * from {relation}").df()
    for kind, wanted in (("datetime", "datetime64[ns]"), ("number", "float64")):
        for column in frame.select_dtypes(kind).columns:
            frame[column] = frame[column].astype(wanted)
    without_values = [column for column in frame.columns if frame[column].dtype.kind == "O"]
    return frame.astype(dict.fromkeys(without_values, "str"))


def _opinion(judged: Any) -> SecondOpinion:
    expectation_id = judged.expectation_config.meta["id"]
    if judged.exception_info.get("raised_exception", True):
        raise RuntimeError(f"Great Expectations could not evaluate the rule {expectation_id}")
    counts = judged.result
    unexpected = counts.get("unexpected_count")
    return SecondOpinion(
        expectation_id=expectation_id,
        success=bool(judged.success),
        rows=counts.get("element_count"),
        missing=counts.get("missing_count", None if unexpected is None else 0),
        unexpected=unexpected,
    )


def _key(written: Any) -> Any:
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    run = written["meta"]["run_id"]
    return ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(written["suite_name"]),
        run_id=RunIdentifier(
            run_name=run["run_name"], run_time=datetime.fromisoformat(run["run_time"])
        ),
        batch_identifier=written["suite_name"],
    )
