"""The verbs ``opendata clock``: what they take and print.

The work is ``clocks.py`` and ``kept_periods.py``.
"""

from datetime import datetime
from pathlib import Path

import click

from pipelines.verbs import DONE, as_of_option, day, decision_verb, home_verb, tell

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def clock() -> None:
    """法定期限: terms that an event starts, and how the declared update periods were kept."""


@clock.command()
@click.argument("dataset")
@click.option(
    "--event",
    required=True,
    type=click.Choice(["来源变化", "法规变化", "更正申请"]),
    help="What happened: the source changed, the law or the body's functions changed, or a "
    "correction was asked for.",
)
@click.option("--on", required=True, type=_DAY, help="The day it happened; it does not count.")
@decision_verb
def start(
    dataset: str,
    event: str,
    on: datetime,
    reason: str,
    evidence: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """期限起算: enter an event that starts a term on DATASET.

    The term and its article follow from the home's regulations, in working days; it is 暂定 where
    the year's calendar is not published. It is shown on the dataset's page and by `status`.
    """
    from pipelines.clocks import Occasion, start_clock

    given = Occasion(event=event, on=day(on) or on.date(), reason=reason, evidence=evidence)
    told = start_clock(home_dir, dataset, given)
    tell(told, as_json=as_json)
    return DONE


@clock.command("list")
@click.argument("dataset", required=False)
@click.option("--all", "everything", is_flag=True, help="Also those that were stopped.")
@as_of_option
@home_verb
def list_(
    dataset: str | None,
    everything: bool,
    home_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,
) -> int:
    """列出期限: the terms that run, of DATASET or of all, with due day and article."""
    from pipelines.clocks import list_clocks

    told = list_clocks(home_dir, dataset, as_of=day(as_of), everything=everything)
    tell(told, as_json=as_json)
    return DONE


@clock.command()
@click.argument("number", type=int)
@click.option("--on", type=_DAY, default=None, help="The day it was done; today when absent.")
@decision_verb
def stop(
    number: int,
    on: datetime | None,
    reason: str,
    evidence: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """期限办结: enter that what clock NUMBER asked for was done."""
    from pipelines.clocks import stop_clock

    tell(
        stop_clock(home_dir, number, on=day(on), reason=reason, evidence=evidence),
        as_json=as_json,
    )
    return DONE


@clock.command()
@click.argument("dataset")
@as_of_option
@home_verb
def history(dataset: str, home_dir: Path | None, as_of: datetime | None, as_json: bool) -> int:
    """更新记录: whether DATASET was updated in time in each of its last 24 periods.

    With --as-of the same as it stood on that day.
    """
    from pipelines.kept_periods import show_history

    tell(show_history(home_dir, dataset, as_of=day(as_of)), as_json=as_json)
    return DONE
