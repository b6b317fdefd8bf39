"""The verbs ``opendata quarantine …``: 问题数据 go to the clerk and come back corrected."""

from datetime import date
from pathlib import Path

import click

from pipelines.verbs import DONE, REFUSED, approved, decision_verb, home_verb, tell, until_option


@click.group()
def quarantine() -> None:
    """问题数据: what was set aside, the sheets that go back to the clerks, and their answers."""


@quarantine.command("list")
@home_verb
def quarantine_list(home_dir: Path | None, as_json: bool) -> int:
    """问题数据清单: datasets with rows that were set aside, by state and reason, and since when.

    Also the exceptions clerks asked for that nobody decided yet. Counts and rules only, no values.
    """
    from pipelines.quarantining import list_quarantine

    tell(list_quarantine(home_dir), as_json=as_json)
    return DONE


@quarantine.command("export")
@click.argument("dataset")
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="The .xlsx to write; otherwise one is made under reports/quarantine.",
)
@home_verb
def quarantine_export(dataset: str, to: Path | None, home_dir: Path | None, as_json: bool) -> int:
    """导出问题数据整改单: the sheet about DATASET for the clerk who made the file.

    File, sheet, row and column as the clerk knows them, the rule in plain Chinese, how to mend it,
    and columns for the reply. Values are masked.
    """
    from pipelines.quarantining import export_sheet

    tell(export_sheet(home_dir, dataset, to), as_json=as_json)
    return DONE


@quarantine.command("resubmit")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_verb
def quarantine_resubmit(file: Path, home_dir: Path | None, as_json: bool) -> int:
    """导入整改单回复: take the answers of FILE, a 问题数据整改单 that was filled in.

    Corrected values go through the same rules at the next run. Where a cell is wrong nothing is
    taken, a copy of FILE beside it says why on the cell, and the exit code is 3.
    """
    from pipelines.quarantining import resubmit_sheet

    told = resubmit_sheet(home_dir, file)
    tell(told, as_json=as_json)
    return REFUSED if told.remarks else DONE


@quarantine.command("waive")
@click.argument("dataset")
@click.option("--rule", required=True, help="The rule to pass, such as name_not_null.")
@click.option(
    "--row",
    "rows",
    multiple=True,
    type=click.IntRange(min=1),
    help="A row of the file, where not all that were asked for are meant; repeatable.",
)
@click.option(
    "--all-rows",
    is_flag=True,
    help="The rule as a whole, asked for or not: every row, now and later; or the table's rule.",
)
@approved
@until_option(
    "The last day it holds; it ends sooner when the file or the rule changes. "
    "A day that is over ends a running one."
)
@decision_verb
def quarantine_waive(
    dataset: str,
    rule: str,
    rows: tuple[int, ...],
    all_rows: bool,
    approver: str,
    role: str,
    until: date,
    reason: str,
    evidence: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """例外处理（经批准）: let rows of DATASET pass a rule, where their clerk asked for it.

    The rows are released from the next run on, and still count as breaking the rule. With
    --all-rows the whole rule is let pass, also one that bars a release (block) or is about the
    table. Failed types and shared keys may not be waived; then the exit code is 3.
    """
    from pipelines.quarantine_waiving import waive_rows
    from pipelines.rule_waiving import waive_rule
    from pipelines.waiving import Request

    if rows and all_rows:
        raise click.UsageError("--row and --all-rows: name rows, or waive the rule as a whole")
    request = Request(
        dataset=dataset,
        gate=rule,
        by=approver,
        role=role,
        reason=reason,
        until=until,
        evidence=evidence,
    )
    if all_rows:
        told = waive_rule(home_dir, request)
        tell(told, as_json=as_json)
        return REFUSED if told.barred else DONE
    tell(waive_rows(home_dir, request, rows), as_json=as_json)
    return DONE
