"""The verbs ``opendata catalog …``: the catalog as a workbook, and lists that others keep."""

from pathlib import Path

import click

from pipelines.verbs import DONE, WRONG_INPUT, home_option, json_option, print_json, verb

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def catalog() -> None:
    """The catalog as a workbook to fill in, and catalogue lists of departments."""


@catalog.command("export")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@home_option
@json_option
@verb
def catalog_export(path: Path, home_dir: Path | None, as_json: bool) -> int:
    """Write every catalog entry into a new workbook PATH (.xlsx) with Chinese headings."""
    from pipelines.authoring.exporting import export_catalog
    from resources.home import Home

    exported = export_catalog(Home.find(home_dir), path)
    if as_json:
        print_json(exported.as_json())
    else:
        click.echo(exported.as_text())
    return DONE


@catalog.command("import")
@click.argument("path", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@home_option
@json_option
@verb
def catalog_import(path: Path, dry_run: bool, home_dir: Path | None, as_json: bool) -> int:
    """Write the entries of the workbook PATH as YAML; or none, and a copy with notes on cells."""
    from pipelines.authoring.importing import import_workbook
    from resources.home import Home

    imported = import_workbook(Home.find(home_dir), path, dry_run=dry_run)
    if as_json:
        print_json(imported.as_json())
    else:
        click.echo(imported.as_text())
    return WRONG_INPUT if imported.complaints else DONE


@catalog.command("import-list")
@click.argument("path", type=_FILE)
@click.option("--body", required=True, help="The body whose list it is; a key of bodies.yaml.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where drafts go; drafts/<body>/ of the home when absent, never the catalog.",
)
@home_option
@json_option
@verb
def catalog_import_list(
    path: Path, body: str, into: Path | None, home_dir: Path | None, as_json: bool
) -> int:
    """Draft an entry for every dataset of a list (XLSX, XLS, CSV, JSON), whatever its headings."""
    from pipelines.authoring.list_import import import_list
    from resources.home import Home

    drafted = import_list(Home.find(home_dir), path, body=body, into=into)
    if as_json:
        print_json(drafted.as_json())
    else:
        click.echo(drafted.as_text())
    return DONE
