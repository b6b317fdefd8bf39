"""The verbs ``opendata source``: who is the one source of a data element (一数一源).

What each takes, prints and returns; the work is ``sourcing.py``.
"""

from pathlib import Path

import click

from pipelines.verbs import DONE, REFUSED, decision_verb, home_verb, said, tell


@click.group()
def source() -> None:
    """数源: the one source of a data element, such as an enterprise's credit code.

    ELEMENT is a key of catalog/elements.yaml; DATASET.FIELD is a field whose entry says
    `element: ELEMENT`.
    """


@source.command()
@click.argument("element")
@click.option("--as", "place", required=True, help="The field that is the source: DATASET.FIELD.")
@decision_verb
def claim(
    element: str,
    place: str,
    reason: str,
    evidence: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """认领数源: enter a field as the one source of ELEMENT, a key of elements.yaml.

    Refused, and recorded as refused, where the element has another source.
    """
    from pipelines.sourcing import claim_source

    told = claim_source(home_dir, element, place, reason=reason, evidence=evidence)
    tell(told, as_json=as_json)
    return REFUSED if told.refusal else DONE


@source.command()
@click.argument("element")
@home_verb
def verify(element: str, home_dir: Path | None, as_json: bool) -> int:
    """Compare every dataset that carries ELEMENT with its source.

    What is compared is what the last run read of each. Exit code 3 when a difference blocks one.
    """
    from pipelines.elements import verify_element

    told = verify_element(home_dir, element)
    tell(told, as_json=as_json)
    return REFUSED if told.blocked else DONE


@source.command()
@click.argument("element")
@click.option(
    "--claimant",
    "claimants",
    multiple=True,
    help="A field that is held to be the source instead, as DATASET.FIELD; repeatable.",
)
@click.option(
    "--settle",
    "place",
    default=None,
    help="Close the open dispute: the field that is the source from now on, as DATASET.FIELD.",
)
@click.option(
    "--by", "settled_by", default=None, callback=said, help="Who decided; needed with --settle."
)
@decision_verb
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
    """数源争议: open a dispute over the source of ELEMENT, or close it.

    While it is open no new version of a dataset at issue is released. --settle and --by close it.
    """
    from pipelines.sourcing import open_dispute, settle_dispute

    if (place is None) != (settled_by is None) or (place and claimants):
        raise click.UsageError(
            "--settle and --by go together, and --claimant belongs to opening a dispute"
        )
    if place is not None and settled_by is not None:
        told = settle_dispute(
            home_dir, element, place, by=settled_by, reason=reason, evidence=evidence
        )
    else:
        told = open_dispute(home_dir, element, claimants, reason=reason, evidence=evidence)
    tell(told, as_json=as_json)
    return DONE


@source.command()
@click.argument("element")
@home_verb
def explain(element: str, home_dir: Path | None, as_json: bool) -> int:
    """Say what ELEMENT is, what its source is, and who carries it.

    Also how the carriers compared when they were last run, and every claim and dispute.
    """
    from pipelines.elements import explain_element

    told = explain_element(home_dir, element)
    tell(told, as_json=as_json)
    return DONE


@source.command()
@home_verb
def duplicates(home_dir: Path | None, as_json: bool) -> int:
    """List fields that look like undeclared copies of one another.

    Every dataset is compared with every other, by what the last run read of each.
    """
    from pipelines.duplicating import duplicates_of

    told = duplicates_of(home_dir)
    tell(told, as_json=as_json)
    return DONE
