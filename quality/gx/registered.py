"""Our own types, as expectations that Great Expectations knows and can run."""

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from opendata.identifiers import is_bank_card, is_citizen_id, is_mobile, is_uscc
from quality.division_codes import DIVISION_SHAPE, codes_in_force
from quality.gx.counting import COUNTED, Beside
from quality.gx.held import values_of

Check = Callable[..., bool]


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
    for name, beside in COUNTED.items():
        _register_beside(name, beside)


def is_registered(type_name: str) -> bool:
    """Whether Great Expectations knows a type."""
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    return type_name in list_registered_expectation_implementations()


def class_name(type_name: str) -> str:
    """What Great Expectations calls the class of a type."""
    return "".join(part.title() for part in type_name.split("_"))


def _register(
    name: str, check: Check, *, needs: tuple[str, ...] = (), allows: tuple[str, ...] = ()
) -> None:
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import ColumnMapExpectation
    from great_expectations.expectations.metrics import (
        ColumnMapMetricProvider,
        column_condition_partial,
    )

    if is_registered(f"expect_column_values_{name}"):
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

    members = {
        "__module__": __name__,
        "__doc__": f"Values are {name.removeprefix('to_')}.",
        "__annotations__": dict.fromkeys(needs, str) | dict.fromkeys(allows, Any),
        "map_metric": Provider.condition_metric_name,
        "success_keys": ("mostly", *arguments),
        **dict.fromkeys(allows),
    }
    type(class_name(f"expect_column_values_{name}"), (ColumnMapExpectation,), members)


def _register_beside(name: str, beside: Beside) -> None:
    """A rule on the whole batch, whose counts are one metric of our own."""
    from great_expectations.core.metric_domain_types import MetricDomainTypes
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import BatchExpectation
    from great_expectations.expectations.metrics.metric_provider import metric_value
    from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

    if is_registered(name):
        return
    metric = f"table.{name.removeprefix('expect_')}"

    class Provider(TableMetricProvider):  # type: ignore[misc]
        metric_name = metric
        value_keys = tuple(beside.arguments)

        @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
        def _pandas(
            cls,  # noqa: N805 - Great Expectations' way
            execution_engine: Any,
            metric_domain_kwargs: Any,
            metric_value_kwargs: Any,
            metrics: Any,
            runtime_configuration: Any,
        ) -> Any:
            frame, _, _ = execution_engine.get_compute_domain(
                domain_kwargs=metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
            )
            return asdict(beside.count(frame, metric_value_kwargs))

    def validated(_self: Any, metrics: Any, *_args: Any, **_kwargs: Any) -> Any:
        return _told(metrics[metric])

    members = {
        "__module__": __name__,
        "__doc__": f"Beside another table: {name.removeprefix('expect_').replace('_', ' ')}.",
        "__annotations__": {name: each | None for name, each in beside.arguments.items()},
        # All are needed to judge; a judgement kept before one of them was written is still shown.
        **dict.fromkeys(beside.arguments),
        "metric_dependencies": (Provider.metric_name,),
        "success_keys": tuple(beside.arguments),
        "_validate": validated,
    }
    type(class_name(name), (BatchExpectation,), members)


def _told(count: Any) -> Any:
    """Counts in Great Expectations' words."""
    return {
        "success": count["success"],
        "result": {
            "element_count": count["rows"],
            "missing_count": count["missing"],
            "unexpected_count": count["unexpected"],
        },
    }


def _is_plausible(value: datetime, *, min_value: str, max_value: str) -> bool:
    return datetime.fromisoformat(min_value) <= value <= datetime.fromisoformat(max_value)


def _is_division_code(value: str, *, year: int | None, periods: list[list[Any]] | None) -> bool:
    codes = codes_in_force({"year": year, "periods": periods} if periods else {})
    return bool(re.fullmatch(DIVISION_SHAPE, value)) and (codes is None or value in codes)


def _is_held(value: Any, *, dataset: str, field: str) -> bool:
    return value in values_of(dataset, field)
