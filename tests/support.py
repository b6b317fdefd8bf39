"""Builders of catalog values for tests: small, literal, and changed by keyword."""

from typing import Any

from opendata.catalog import Body, Catalog, Dataset, Field, Source
from opendata.vocabulary import Channel, Openness, UpdateFrequency


def a_field(name: str = "uscc", **changes: Any) -> Field:
    given: dict[str, Any] = {"name": name, "title": name, "heading": name}
    return Field(**given | changes)


def a_source(**changes: Any) -> Source:
    given: dict[str, Any] = {"id": "main", "files": "*.csv", "columns": (("uscc", "uscc"),)}
    return Source(**given | changes)


def a_dataset(**changes: Any) -> Dataset:
    """An unconditional dataset of one body; its one source reads every field of it."""
    given: dict[str, Any] = {
        "id": "enterprise_register",
        "title": "企业登记信息",
        "body": "market",
        "fields": (a_field("uscc", required=True, key=True), a_field("name")),
        "kind": "结构化数据集",
        "formats": ("Parquet",),
        "openness": Openness.UNCONDITIONAL,
        "channels": (Channel.DOWNLOAD,),
        "update_frequency": UpdateFrequency.MONTHLY,
    } | changes
    columns = tuple((field.name, field.heading) for field in given["fields"])
    return Dataset(**{"sources": (a_source(columns=columns),)} | given)


def a_catalog(*datasets: Dataset, **changes: Any) -> Catalog:
    """A catalog of these datasets (of one when none is given) and of the bodies they name."""
    listed = datasets or (a_dataset(),)
    bodies = tuple(
        Body(id=each, title=f"市{each}局") for each in dict.fromkeys(each.body for each in listed)
    )
    return Catalog(**{"bodies": bodies, "datasets": listed} | changes)
