"""The verbs ``opendata source``: who is the one source of a data element (一数一源).

What each takes, prints and returns; the work is ``sourcing.py``.
"""

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

reason_option = click.option(
    "--reason", required=True, callback=said, help="Why, in one sentence; it is kept."
)


@click.group()
def source() -> None:
    """数源: claim, verify, dispute and explain the one source of a data element."""


@source.command()
@click.argument("element")
@click.option("--as", "place", required=True, help="The field that is the source: DATASET.FIELD.")
@reason_option
@evidence_option
@home_option
@json_option
@verb
def claim(
    element: str,
    place: str,
    reason: str,
    evidence: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """认领数源: enter a field as the one source of ELEMENT; refused where it has another."""
    from pipelines.sourcing import claim_source

    told = claim_source(home_dir, element, place, reason=reason, evidence=evidence)
    if as_json:
        print_json(told.as_json())
    else:
        click.echo(told.as_text())
    return REFUSED if told.refusal else DONE


@source.command()
@click.argument("element")
@home_option
@json_option
@verb
def verify(element: str, home_dir: Path | None, as_json: bool) -> int:
    """Compare every dataset that carries ELEMENT with its source, as standardised last."""
    from pipelines.elements import verify_element

    told = verify_element(home_dir, element)
    if as_json:
        print_json(told.as_json())
    else:
        click.echo(told.as_text())
    return REFUSED if told.blocked else DONE


@source.command()
@click.argument("element")
@reason_option
@click.option(
    "--claimant",
    "claimants",
    multiple=True,
    help="A field that is held to be the source instead: DATASET.FIELD; repeatable.",
)
@click.option("--settle", "place", default=None, help="Close the dispute: DATASET.FIELD it is.")
@click.option("--by", "settled_by", default=None, help="Who decided; needed with --settle.")
@evidence_option
@home_option
@json_option
@verb
def dispute(
    element: str,
    reason: str,
    claimants: tuple[str, ...],
    place: str | None,
    settled_by: str | None,
    evidence: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """数源争议: open a dispute over the source of ELEMENT, or close it with --settle and --by."""
    from pipelines.sourcing import open_dispute, settle_dispute

    if (place is None) != (settled_by is None) or (place and claimants):
        raise click.UsageError(
            "--settle and --by go together, and --claimant belongs to opening a dispute"
        )
    if place is not None:
        told = settle_dispute(
            home_dir, element, place, by=settled_by or "", reason=reason, evidence=evidence
        )
    else:
        told = open_dispute(home_dir, element, claimants, reason=reason, evidence=evidence)
    if as_json:
        print_json(told.as_json())
    else:
        click.echo(told.as_text())
    return DONE


@source.command()
@click.argument("element")
@home_option
@json_option
@verb
def explain(element: str, home_dir: Path | None, as_json: bool) -> int:
    """Say what ELEMENT is, who its source is, who carries it, and what was decided about it."""
    from pipelines.elements import explain_element

    told = explain_element(home_dir, element)
    if as_json:
        print_json(told.as_json())
    else:
        click.echo(told.as_text())
    return DONE


@source.command()
@home_option
@json_option
@verb
def duplicates(home_dir: Path | None, as_json: bool) -> int:
    """Compare every dataset with every other, and list what looks like an undeclared copy."""
    from pipelines.duplicating import duplicates_of

    told = duplicates_of(home_dir)
    if as_json:
        print_json(told.as_json())
    else:
        click.echo(told.as_text())
    return DONE
