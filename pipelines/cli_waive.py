"""The verb ``opendata waive``: 例外处理（经批准）. What it takes and prints; see ``waiving.py``."""

from datetime import date
from pathlib import Path

import click

from pipelines.verbs import DONE, REFUSED, approved, decision_verb, tell, until_option


@click.command()
@click.argument("dataset")
@click.option("--gate", required=True, help="The rule that refuses it, such as SRC-02.")
@approved
@click.option(
    "--consent",
    default=None,
    help="Reference of the providing body's written consent, for rules that ask for it.",
)
@until_option("The last day it holds; it ends sooner when what is waived changes.")
@decision_verb
def waive(
    dataset: str,
    gate: str,
    approver: str,
    role: str,
    reason: str,
    consent: str | None,
    until: date,
    evidence: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """例外处理（经批准）: let a refusal of DATASET pass for a time.

    Some rules nobody may waive; then nothing is entered, and the exit code is 3. A waiver holds
    from the next run on.
    """
    from pipelines.waiving import Request, waive_refusal

    told = waive_refusal(
        home_dir,
        Request(
            dataset=dataset,
            gate=gate,
            by=approver,
            role=role,
            reason=reason,
            basis=consent,
            until=until,
            evidence=evidence,
        ),
    )
    tell(told, as_json=as_json)
    return REFUSED if told.barred else DONE
