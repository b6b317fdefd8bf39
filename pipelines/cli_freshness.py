"""The verbs ``opendata freshness …``: is what is declared kept to?"""

from datetime import datetime
from pathlib import Path

import click

from pipelines.verbs import DONE, day, json_option, tell, verb


@click.group()
def freshness() -> None:
    """更新时效: whether data is as new as its declared frequency promises."""


@freshness.command()
@click.argument(
    "lists",
    metavar="LIST...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="The day the lists were taken; otherwise the newest date that each of them holds.",
)
@click.option(
    "--updated",
    metavar="COLUMN",
    default=None,
    help="The column with the date of the last update, by heading or number, where its heading is "
    "not known.",
)
@click.option(
    "--csv",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Also write every number into this file, as CSV.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Also write the page to print into this file.",
)
@json_option
@verb
def audit(
    lists: tuple[Path, ...],
    as_of: datetime | None,
    updated: str | None,
    csv: Path | None,
    html: Path | None,
    as_json: bool,
) -> int:
    """目录清单核查: how much of a catalogue LIST is overdue against its own declarations.

    Of any department or portal, as XLSX, XLS, ODS, CSV or JSON, under its own headings; several
    lists are told together. Needs no home and no catalog. What cannot be judged is told with the
    reason; nothing is guessed.
    """
    from pipelines.auditing import audit_lists

    tell(audit_lists(lists, as_of=day(as_of), updated=updated, csv=csv, html=html), as_json=as_json)
    return DONE
