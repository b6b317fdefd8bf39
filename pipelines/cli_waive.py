"""The verb ``opendata waive``: 例外处理（经批准）. What it takes and prints; see ``waiving.py``."""

from datetime import datetime
from pathlib import Path

import click

from pipelines.verbs import (
    DONE,
    REFUSED,
    evidence_option,
    home_option,
    json_option,
    print_json,
    said,
    verb,
)


@click.command()
@click.argument("dataset")
@click.option("--gate", required=True, help="The rule that refuses, such as SRC-02.")
@click.option("--by", "approver", required=True, callback=said, help="Who approves it, by name.")
@click.option("--role", required=True, callback=said, help="The post of who approves it.")
@click.option("--reason", required=True, callback=said, help="Why, in one sentence; it is kept.")
@click.option("--consent", default=None, help="Reference of the provider's written consent.")
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day it holds; what is waived must not change meanwhile.",
)
@evidence_option
@home_option
@json_option
@verb
def waive(
    dataset: str,
    gate: str,
    approver: str,
    role: str,
    reason: str,
    consent: str | None,
    until: datetime,
    evidence: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """例外处理（经批准）: let a refusal of DATASET pass for a term, where its rule leaves room."""
    from pipelines.waiving import Request, waive_refusal

    told = waive_refusal(
        home_dir,
        Request(
            dataset=dataset,
            gate=gate,
            by=approver,
            role=role,
            reason=reason,
            consent=consent,
            until=until.date(),
            evidence=evidence,
        ),
    )
    if as_json:
        print_json(told.as_json())
    else:
        click.echo(told.as_text())
    return REFUSED if told.barred else DONE
