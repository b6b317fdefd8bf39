"""The command ``opendata``: what each verb takes, prints and returns. No work is done here.

Heavy libraries are imported by the verb that needs them, so that ``opendata status`` answers at
once. What verbs share is ``verbs.py``.
"""

from datetime import datetime
from pathlib import Path

import click

from pipelines.cli_calendar import calendar
from pipelines.cli_catalog import catalog
from pipelines.cli_clock import clock
from pipelines.cli_desensitise import desensitise
from pipelines.cli_draft import draft
from pipelines.cli_freshness import freshness
from pipelines.cli_keys import keys
from pipelines.cli_quality import quality
from pipelines.cli_quarantine import quarantine
from pipelines.cli_risk import risk
from pipelines.cli_source import source
from pipelines.cli_waive import waive
from pipelines.verbs import (
    CRASH,
    DONE,
    REFUSED,
    WRONG_INPUT,
    as_of_option,
    day,
    home_verb,
    json_option,
    print_json,
    progress,
    said,
    tell,
    verb,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="opendata")
def main() -> None:
    """Turn a city's data catalog into an open store.

    A home is the folder that holds opendata.yaml and everything kept beside it; start one with
    `opendata init`. Exit codes: 0 done, 1 crash, 2 wrong input, 3 something was refused.
    """


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--city", required=True, help="The city's name, as pages show it.")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["opener_upstream", "platform_operator"]),
    help="Who runs this home: a body that opens its own data, upstream of the unified platform, "
    "or the operator of that platform.",
)
@click.option(
    "--regime",
    "regimes",
    required=True,
    multiple=True,
    help="A regulation the home is under, such as xian-open-2022; repeatable.",
)
@click.option(
    "--platform", required=True, help="The name of the unified open platform (统一开放平台)."
)
@json_option
@verb
def init(
    folder: Path, city: str, role: str, regimes: tuple[str, ...], platform: str, as_json: bool
) -> int:
    """Make a new home in FOLDER.

    Role and regimes have no default: what may be released depends on them.
    """
    from pipelines.new_home import SAMPLE, create_home

    home = create_home(folder, city=city, role=role, regimes=regimes, platform=platform)
    if as_json:
        print_json({"home": str(home.root)})
    else:
        click.echo(
            f"A home is ready in {home.root}. Next: describe a dataset under catalog/; {SAMPLE} "
            "shows how (copy it to catalog/<body>/<dataset>.yaml), then run `opendata check`."
        )
    return DONE


@main.command()
@home_verb
def check(home_dir: Path | None, as_json: bool) -> int:
    """List every problem of settings, catalog, models and rules.

    Each is told with file and line. No data is read, and nothing is changed.
    """
    from pipelines.checking import check_home

    report = check_home(home_dir)
    tell(report, as_json=as_json)
    return WRONG_INPUT if report.problems else DONE


@main.command()
@home_verb
def doctor(home_dir: Path | None, as_json: bool) -> int:
    """Check that this machine can run the home.

    Looked at are calendar, keys, disk, permissions, role and the versions of what it builds on.
    """
    from pipelines.doctor import examine
    from resources.home import Home

    complaints = examine(Home.find(home_dir))
    if as_json:
        print_json([each.as_json() for each in complaints])
    else:
        for each in complaints:
            click.echo(str(each))
    return DONE if all(each.healthy for each in complaints) else WRONG_INPUT


@main.command()
@click.argument("datasets", nargs=-1)
@as_of_option
@home_verb
def run(
    datasets: tuple[str, ...], home_dir: Path | None, as_of: datetime | None, as_json: bool
) -> int:
    """Take what has changed from the inbox to a release.

    Land, standardise, judge, desensitise and release; of all datasets, or only of DATASETS. Exit
    code 3 when any was refused: its version before stays.
    """
    from pipelines.running import run_home
    from pipelines.tables import closing_table, outcome_json

    finished = run_home(home_dir, as_of=day(as_of), only=datasets, progress=progress)
    if as_json:
        print_json([outcome_json(each.outcome) for each in finished.dossiers])
    else:
        closing_table(finished)
    if finished.crashed:
        return CRASH
    return REFUSED if any(each.refusals for each in finished.dossiers) else DONE


@main.command()
@as_of_option
@home_verb
def status(home_dir: Path | None, as_of: datetime | None, as_json: bool) -> int:
    """Show what became of every dataset; nothing is run.

    Freshness and suspensions as they are now, everything else as the last run found it.
    """
    from pipelines.running import status_of
    from pipelines.tables import outcome_json, outcome_table, terms_running

    dossiers = status_of(home_dir, as_of=day(as_of))
    if as_json:
        print_json([outcome_json(each.outcome) for each in dossiers])
    else:
        outcome_table(dossiers)
        terms_running(dossiers)
    return DONE


@main.command()
@click.option(
    "--year",
    type=click.IntRange(2000, 2100),
    default=None,
    help="Also write the annual evaluation (年度评价表) of this year: a sheet of the city and one "
    "of each body, counted from the record; what cannot be counted is left to fill in.",
)
@as_of_option
@home_verb
def report(year: int | None, home_dir: Path | None, as_of: datetime | None, as_json: bool) -> int:
    """Write the steward's pages anew and say where they are.

    The pages are what `opendata run` writes at its end; no data is read.
    """
    from pipelines.running import rewrite_reports

    pages = rewrite_reports(home_dir, as_of=day(as_of), year=year)
    if as_json:
        print_json([str(page) for page in pages])
    else:
        click.echo(f"{len(pages)} pages; start with {pages[0]}")
    return DONE


@main.command()
@click.argument("dataset")
@as_of_option
@home_verb
def explain(dataset: str, home_dir: Path | None, as_of: datetime | None, as_json: bool) -> int:
    """Say why DATASET stands where it does.

    The rules that let it pass or not, with their articles; its score and the counts behind it;
    where its fields come from.
    """
    from pipelines.explaining import explain_dataset

    explanation = explain_dataset(home_dir, dataset, as_of=day(as_of))
    tell(explanation, as_json=as_json)
    return DONE


@main.command()
@click.argument("dataset")
@click.option(
    "--reason",
    required=True,
    callback=said,
    help="Why, in one sentence; it is kept in the record.",
)
@click.option(
    "--basis",
    type=click.Choice(["投诉", "自查发现"]),
    default="自查发现",
    show_default=True,
    help="What gave rise to it: a complaint, or a finding of one's own.",
)
@click.option("--case", "case_id", default=None, help="Number of the case; otherwise one is given.")
@home_verb
def suspend(
    dataset: str, reason: str, basis: str, case_id: str | None, home_dir: Path | None, as_json: bool
) -> int:
    """中止开放: make every version of DATASET unreachable at once.

    So is what is derived from it. `opendata restore` puts it back.
    """
    from pipelines.suspending import suspend_dataset

    done = suspend_dataset(home_dir, dataset, reason=reason, basis=basis, case_id=case_id)
    tell(done, as_json=as_json)
    return DONE


@main.command()
@click.argument("dataset")
@click.option(
    "--reason", required=True, callback=said, help="What the verification found, in one sentence."
)
@home_verb
def restore(dataset: str, reason: str, home_dir: Path | None, as_json: bool) -> int:
    """恢复开放: put the suspended DATASET back, byte for byte.

    Why it may be open again is kept in the record.
    """
    from pipelines.suspending import restore_dataset

    done = restore_dataset(home_dir, dataset, reason=reason)
    tell(done, as_json=as_json)
    return DONE


@main.group()
def record() -> None:
    """The processing record: every step taken, as a chain of hashes."""


@record.command("verify")
@home_verb
def record_verify(home_dir: Path | None, as_json: bool) -> int:
    """Check the record for entries that were changed or are missing.

    The whole chain is recomputed, and the entries that open releases rest on are looked for.
    """
    from opendata.plain import plain
    from pipelines.tables import verification_text
    from pipelines.verifying import verify_record
    from resources.home import Home

    verification = verify_record(Home.find(home_dir))
    if as_json:
        print_json(plain(verification))
    else:
        click.echo(verification_text(verification))
    return DONE if verification.intact else CRASH


for each in (
    calendar,
    catalog,
    clock,
    desensitise,
    draft,
    freshness,
    keys,
    quality,
    quarantine,
    risk,
    source,
    waive,
):
    main.add_command(each)


if __name__ == "__main__":
    main()
