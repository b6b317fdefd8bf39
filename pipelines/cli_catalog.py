"""The verbs ``opendata catalog …``: the catalog as a workbook, and lists that others keep."""

from pathlib import Path

import click

from pipelines.verbs import DONE, WRONG_INPUT, home_verb, tell

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def catalog() -> None:
    """The catalog as a workbook, and drafts from others' lists."""


@catalog.command("export")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@home_verb
def catalog_export(path: Path, home_dir: Path | None, as_json: bool) -> int:
    """Write every catalog entry into a new workbook PATH (.xlsx).

    One row a dataset and one a field, Chinese headings, dropdowns. Comments stay in the YAML.
    """
    from pipelines.authoring.exporting import export_catalog
    from resources.home import Home

    exported = export_catalog(Home.find(home_dir), path)
    tell(exported, as_json=as_json)
    return DONE


@catalog.command("import")
@click.argument("path", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Say what would change or is wrong; write nothing.")
@home_verb
def catalog_import(path: Path, dry_run: bool, home_dir: Path | None, as_json: bool) -> int:
    """Take the workbook PATH back into the catalog, all or nothing.

    With any mistake the catalog stays as it is, and a copy of the workbook is written that explains
    each on its cell. An entry that changes keeps only the comment at its head; how many lines of
    comments are lost is told.
    """
    from pipelines.authoring.importing import import_workbook
    from resources.home import Home

    imported = import_workbook(Home.find(home_dir), path, dry_run=dry_run)
    tell(imported, as_json=as_json)
    return WRONG_INPUT if imported.complaints else DONE


@catalog.command("import-list")
@click.argument("path", type=_FILE)
@click.option(
    "--body", required=True, help="The body (部门) whose list it is: a key of bodies.yaml."
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The folder drafts go to, outside the catalog; otherwise drafts/<body>/ of the home.",
)
@home_verb
def catalog_import_list(
    path: Path, body: str, into: Path | None, home_dir: Path | None, as_json: bool
) -> int:
    """Draft an entry for every dataset of the catalogue list PATH.

    A list is what a department or portal keeps of its datasets, as XLSX, XLS, ODS, CSV or JSON,
    under its own headings. Nothing goes into the catalog; what was not understood is told.
    """
    from pipelines.authoring.list_import import import_list
    from resources.home import Home

    drafted = import_list(Home.find(home_dir), path, body=body, into=into)
    tell(drafted, as_json=as_json)
    return DONE
