"""The verb ``draft``: what it takes, prints and returns. Drafting itself is ``drafting/``."""

from pathlib import Path

import click

from opendata.errors import SourceError
from pipelines.verbs import DONE, REFUSED, home_verb, print_json


@click.command()
@click.argument("source")
@click.option("--body", required=True, help="The body (部门) it comes from: a key of bodies.yaml.")
@click.option(
    "--id", "draft_id", default=None, help="The dataset's id; otherwise made from the file's name."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="The file the draft is written to; otherwise drafts/<body>/<id>.yaml of the home.",
)
@home_verb
def draft(
    source: str,
    body: str,
    draft_id: str | None,
    out: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """Propose a catalog entry for SOURCE, a data file or its address.

    The draft says of every proposal what it was concluded from. Nothing goes into the catalog.
    """
    from pipelines.drafting.drafting import Asked, draft_into
    from pipelines.drafting.handed import SCHEMES, file_of
    from resources.home import Home

    home = Home.find(home_dir)
    url = source if source.startswith(SCHEMES) else None
    try:
        with file_of(source, home) as path:
            asked = Asked(path=path, body=body, id=draft_id, url=url)
            made, written = draft_into(home, asked, out=out)
    except SourceError as error:
        if as_json:
            print_json({"error": "SourceError", "message": str(error), "reason": error.reason})
        else:
            click.echo(f"opendata: {error}\n{error.reason}", err=True)
        return REFUSED
    if as_json:
        print_json(made.as_json(written))
    else:
        click.echo(made.as_text(written))
    return DONE
