"""Builders of catalog values for tests: small, literal, and changed by keyword."""

from datetime import date
from typing import Any

from opendata.case import Candidate
from opendata.catalog import Body, Catalog, Dataset, Field
from opendata.findings import Freshness, QualityReport
from opendata.linkage import Linkage
from opendata.source import Source
from opendata.vocabulary import Channel, Openness, Punctuality, UpdateFrequency


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


def a_report(**changes: Any) -> QualityReport:
    """Ten rows, all of them clean, and no rule."""
    given: dict[str, Any] = {"dataset_id": "enterprise_register", "rows": 10, "clean": 10}
    given |= {"quarantined": 0, "results": (), "dimensions": (), "reasons": ()}
    return QualityReport(**given | {"score": 96.0, "coverage": 1.0, "suite_hash": "0"} | changes)


def a_candidate(**changes: Any) -> Candidate:
    """A candidate that no gate has anything against, in March 2026."""
    on_time = Freshness(
        punctuality=Punctuality.ON_TIME,
        data_time=date(2026, 2, 28),
        due=date(2026, 3, 31),
        overdue_days=0,
        as_of=date(2026, 3, 2),
        provisional=False,
        sentence="按时",
    )
    given: dict[str, Any] = {"columns": ("uscc", "name"), "treated": {}, "quality": a_report()}
    given |= {"freshness": on_time, "leaks": (), "risk": None, "recordable": True}
    given |= {"linkage": Linkage()}
    given |= {"data_time": date(2026, 2, 28), "live_data_time": date(2026, 1, 31)}
    return Candidate(**given | changes)


def a_catalog(*datasets: Dataset, **changes: Any) -> Catalog:
    """A catalog of these datasets (of one when none is given) and of the bodies they name."""
    listed = datasets or (a_dataset(),)
    bodies = tuple(
        Body(id=each, title=f"市{each}局") for each in dict.fromkeys(each.body for each in listed)
    )
    return Catalog(**{"bodies": bodies, "datasets": listed} | changes)
