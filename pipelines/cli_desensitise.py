"""The verb ``opendata desensitise explain``: what a plan took away, and what milder plans would."""

from pathlib import Path

import click

from pipelines.verbs import DONE, home_verb, tell


@click.group()
def desensitise() -> None:
    """脱敏: what was done to a dataset before it was opened, and whether less would have done."""


@desensitise.command("explain")
@click.argument("dataset")
@home_verb
def desensitise_explain(dataset: str, home_dir: Path | None, as_json: bool) -> int:
    """脱敏说明: what the last run did to each field of DATASET, what was lost, what was tried.

    For every field the next milder treatment is told with the reason against it; where there is
    none the treatment does more than it must. Counts only: no value is shown.
    """
    from pipelines.desensitise_explaining import explain_desensitising

    tell(explain_desensitising(home_dir, dataset), as_json=as_json)
    return DONE
