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
from quality.division_codes import DIVISION_SHAPE, codes_in_force
from quality.references import REFERENCE_TYPES, held_values
from quality.suite_json import to_suite_json

Check = Callable[..., bool]
_HELD: dict[tuple[str, str], frozenset[Any]] = {}

_NO_VALUES = {"result_format": "BASIC", "partial_unexpected_count": 0}
_LOADED_FROM_OUTSIDE = re.compile(
    r"<(?:link|img|script|iframe|source)\b[^>]*https?://[^>]*>(?:\s*</(?:script|iframe)>)?"
    r"|@import[^;]*https?://[^;]*;"
)
_PICTURED_FROM_OUTSIDE = re.compile(r"url\(\s*['\"]?(?:https?:)?//[^)]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """What real Great Expectations counts for one rule; counts are None for rules on the table."""

    expectation_id: str
    success: bool
    rows: int | None
    missing: int | None
    unexpected: int | None


class NotEvaluated(RuntimeError):
    """Great Expectations crashed in some rules; ``opinions`` are those on the others."""

    def __init__(self, rules: Sequence[str], opinions: Sequence[SecondOpinion]) -> None:
        self.rules, self.opinions = tuple(rules), tuple(opinions)
        named = ", ".join(self.rules)
        super().__init__(f"Great Expectations could not evaluate the rule {named}")


def register() -> None:
    """Teach Great Expectations our own types; again is harmless."""
    for name, check in (
        ("uscc", is_uscc),
        ("citizen_id", is_citizen_id),
        ("mobile", is_mobile),
        ("bank_card", is_bank_card),
    ):
        _register(f"to_be_valid_{name}", check)
    _register("to_be_plausible_date", _is_plausible, needs=("min_value", "max_value"))
    _register("to_be_valid_division_code", _is_division_code, allows=("year", "periods"))
    _register("to_exist_in_dataset", _is_held, needs=("dataset", "field"))


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
) -> tuple[SecondOpinion, ...]:
    """Judge a relation with real Great Expectations on pandas, values never asked for.

    ``beside`` is the folder of the standardised tables that values are looked up in.

    Raises:
        NotEvaluated: Great Expectations could not evaluate a rule; names it, never a value.
    """
    import great_expectations as gx

    suite = load_suite(to_suite_json("second_opinion", expectations))
    _look_up(con, expectations, beside)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    batch = whole.get_batch({"dataframe": _frame(con, relation)})
    judged = batch.validate(context.suites.add(suite), result_format=_NO_VALUES)
    crashed = [_id(each) for each in judged.results if _has_crashed(each)]
    opinions = tuple(_opinion(each) for each in judged.results if not _has_crashed(each))
    if crashed:
        raise NotEvaluated(crashed, opinions)
    return opinions


def build_data_docs(results: Sequence[str], folder: Path) -> Path:
    """Real Data Docs under ``folder`` from validation results of ``results_json``; the index page.

    Pages load nothing from outside; without network they keep their content and lose the styling.

    Raises:
        RuntimeError: Great Expectations did not render every result.
    """
    import great_expectations as gx
    from great_expectations.core.expectation_validation_result import (
        expectationSuiteValidationResultSchema,
    )

    register()
    folder.mkdir(parents=True, exist_ok=True)
    context = gx.get_context(mode="file", project_root_dir=str(folder))
    for text in results:
        written = json.loads(text)
        for each in written["results"]:
            _register_told(each["expectation_config"])
        result = expectationSuiteValidationResultSchema.load(written)
        context.validation_results_store.set(_key(written), result)
    context.build_data_docs()
    _list_pages(folder, len(results))
    for each in (*folder.rglob("*.html"), *folder.rglob("*.css")):
        text = _LOADED_FROM_OUTSIDE.sub("", each.read_text(encoding="utf-8"))
        each.write_text(_PICTURED_FROM_OUTSIDE.sub("none", text), encoding="utf-8")
    return next(iter(sorted(folder.rglob("index.html"))))


def _look_up(
    con: duckdb.DuckDBPyConnection, expectations: Sequence[Expectation], beside: Path | None
) -> None:
    """Take the values of other datasets as pandas has them, for the rules that look them up."""
    for each in expectations:
        if each.type in REFERENCE_TYPES and beside is not None:
            held = held_values(beside, each) or "select null as held where false"
            key = (each.kwargs["dataset"], each.kwargs["field"])
            _HELD[key] = frozenset(_frame(con, f"({held})")["held"])


def _register(
    name: str, check: Check, *, needs: tuple[str, ...] = (), allows: tuple[str, ...] = ()
) -> None:
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import ColumnMapExpectation
    from great_expectations.expectations.metrics import (
        ColumnMapMetricProvider,
        column_condition_partial,
    )
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    if f"expect_column_values_{name}" in list_registered_expectation_implementations():
        return
    arguments = (*needs, *allows)

    class Provider(ColumnMapMetricProvider):  # type: ignore[misc]
        condition_metric_name = f"column_values.{name.removeprefix('to_').removeprefix('be_')}"
        condition_value_keys = arguments
        default_kwarg_values = dict.fromkeys(allows)

        @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
        def _pandas(cls, column: Any, **kwargs: Any) -> Any:  # noqa: N805 - Great Expectations' way
            chosen = {key: kwargs[key] for key in arguments}
            return column.map(lambda value: check(value, **chosen))

    title = "".join(part.title() for part in name.split("_"))
    members = {
        "__module__": __name__,
        "__doc__": f"Values are {name.removeprefix('to_')}.",
        "__annotations__": dict.fromkeys(needs, str) | dict.fromkeys(allows, Any),
        "map_metric": Provider.condition_metric_name,
        "success_keys": ("mostly", *arguments),
        **dict.fromkeys(allows),
    }
    type(f"ExpectColumnValues{title}", (ColumnMapExpectation,), members)


def _register_told(configuration: Any) -> None:
    """Let a type be shown that is only ever told in results, such as punctuality."""
    from great_expectations.expectations.expectation import BatchExpectation
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    name = configuration["type"]
    if name in list_registered_expectation_implementations():
        return
    arguments = [each for each in configuration["kwargs"] if each != "mostly"]
    members = {
        "__module__": __name__,
        "__doc__": "Judged by other things than the rows of the table.",
        "__annotations__": dict.fromkeys(arguments, Any),
        "success_keys": tuple(arguments),
        "_validate": _never_validated,
    }
    type("".join(part.title() for part in name.split("_")), (BatchExpectation,), members)


def _never_validated(_self: Any, *_args: Any, **_kwargs: Any) -> Any:
    raise NotImplementedError("this rule is judged by other things than a batch of data")


def _list_pages(folder: Path, results: int) -> None:
    """Link every result from the index: its own table is drawn by scripts from outside.

    Great Expectations only logs what it cannot render, so pages are counted.
    """
    (index,) = folder.rglob("index.html")
    pages = sorted(index.parent.glob("validations/**/*.html"))
    if len(pages) != results:
        raise RuntimeError(f"Great Expectations rendered {len(pages)} of {results} results")
    links = "".join(
        f'<li><a href="{each.relative_to(index.parent).as_posix()}">{each.stem}</a></li>'
        for each in pages
    )
    html = index.read_text(encoding="utf-8")
    nav = f'<nav aria-label="Validation results"><ol>{links}</ol></nav>'
    index.write_text(re.sub(r"(<body\b[^>]*>)", rf"\1{nav}", html, count=1), encoding="utf-8")


def _is_plausible(value: datetime, *, min_value: str, max_value: str) -> bool:
    return datetime.fromisoformat(min_value) <= value <= datetime.fromisoformat(max_value)


def _is_division_code(value: str, *, year: int | None, periods: list[list[Any]] | None) -> bool:
    codes = codes_in_force({"year": year, "periods": periods} if periods else {})
    return bool(re.fullmatch(DIVISION_SHAPE, value)) and (codes is None or value in codes)


def _is_held(value: Any, *, dataset: str, field: str) -> bool:
    return value in _HELD[dataset, field]


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
