"""The verbs ``opendata quality …``: scores, suites and Great Expectations' second opinion."""

from pathlib import Path

import click

from pipelines.verbs import CRASH, DONE, REFUSED, WRONG_INPUT, home_verb, progress, tell

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def quality() -> None:
    """质量评价: scores from their counts, suites, and a second opinion on both."""


@quality.command("explain")
@click.argument("dataset")
@home_verb
def quality_explain(dataset: str, home_dir: Path | None, as_json: bool) -> int:
    """得分怎样算出: work the score of DATASET out again from the counts of its last run.

    Rule by rule, indicator by indicator, dimension by dimension. Exit code 1 when the counts do
    not lead to the score that was kept.
    """
    from pipelines.quality_explaining import explain_score

    explained = explain_score(home_dir, dataset)
    tell(explained, as_json=as_json)
    return CRASH if explained.discrepancies else DONE


@quality.command("verify")
@click.argument("datasets", nargs=-1)
@click.option(
    "--engine",
    type=click.Choice(["gx"]),
    default="gx",
    show_default=True,
    help="Whose second opinion: real Great Expectations, on pandas.",
)
@home_verb
def quality_verify(
    datasets: tuple[str, ...], engine: str, home_dir: Path | None, as_json: bool
) -> int:
    """以 Great Expectations 复核: judge DATASETS, or all, again with the real thing, and compare.

    Success, elements, missing and unexpected counts of every rule, on the same standardised table,
    in a process of its own. Exit code 3 where any differs; what cannot be compared is named.
    """
    from pipelines.quality_verifying import verify_quality

    progress(f"{engine}: loading the engine takes some ten seconds")
    verified = verify_quality(home_dir, datasets)
    tell(verified, as_json=as_json)
    return DONE if verified.agrees else REFUSED


@quality.command("suite")
@click.argument("dataset")
@click.option("--out", type=_FILE, default=None, help="The file to write it to.")
@click.option(
    "--check",
    "edited",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="A suite file edited by hand: tell how it differs from the entry, rule by rule.",
)
@home_verb
def quality_suite(
    dataset: str, out: Path | None, edited: Path | None, home_dir: Path | None, as_json: bool
) -> int:
    """规则集: print or write the rules of DATASET as a suite of Great Expectations.

    The catalog entry is their source. With --check nothing is written: exit code 3 when the file
    differs (the entry wins), 2 when it is not a suite at all.
    """
    from pipelines.quality_suites import check_suite, suite_text, write_suite

    if out and edited:
        raise click.UsageError("give either --out or --check")
    if edited:
        checked = check_suite(home_dir, dataset, edited)
        tell(checked, as_json=as_json)
        return WRONG_INPUT if checked.problems else REFUSED if checked.differences else DONE
    if out:
        tell(write_suite(home_dir, dataset, out), as_json=as_json)
    else:
        click.echo(suite_text(home_dir, dataset), nl=False)
    return DONE


@quality.command("try")
@click.argument("table")
@click.argument("suite", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_verb
def quality_try(table: str, suite: Path, home_dir: Path | None, as_json: bool) -> int:
    """试算: what the rules of the file SUITE say of TABLE, a dataset or a Parquet file.

    For a suite edited by hand before its rules go into the entry, and for a published version.
    Nothing is written; exit code 3 where a rule is not met.
    """
    from pipelines.quality_trying import try_suite

    trial = try_suite(home_dir, table, suite)
    tell(trial, as_json=as_json)
    return REFUSED if trial.failed else DONE


@quality.command("docs")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The folder they go to; otherwise reports/quality/data-docs of the home.",
)
@home_verb
def quality_docs(out: Path | None, home_dir: Path | None, as_json: bool) -> int:
    """Data Docs: have real Great Expectations render the last judgements as pages.

    English, counts and rules without any value; the pages load nothing from outside.
    """
    from pipelines.quality_docs import build_docs

    progress("gx: loading the engine takes some ten seconds")
    tell(build_docs(home_dir, out), as_json=as_json)
    return DONE
