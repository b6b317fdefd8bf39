"""The verbs ``opendata calendar``: what they take and print; the work is ``calendars.py``."""

from pathlib import Path

import click

from pipelines.verbs import DONE, home_verb, tell


@click.group()
def calendar() -> None:
    """工作日历: the working days that deadlines are counted in.

    Years after the last published one are 暂定 until their notice is imported.
    """


@calendar.command()
@click.argument("year", type=click.IntRange(1990, 2199), required=False)
@home_verb
def show(year: int | None, home_dir: Path | None, as_json: bool) -> int:
    """列出各年放假安排: notice and working days of every year, and which are 暂定.

    With YEAR also the holidays on weekdays and the worked weekends of that year.
    """
    from pipelines.calendars import show_calendar

    tell(show_calendar(home_dir, year), as_json=as_json)
    return DONE


@calendar.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_verb
def import_(file: Path, home_dir: Path | None, as_json: bool) -> int:
    """导入放假安排: take in FILE, a new year's notice as CSV.

    Its first line is `when,kind,note`; `2027,published,NOTICE` opens a year, and
    `2027-01-01,holiday,元旦` or `2027-01-03,workday,元旦` departs from Monday to Friday. An
    imported year wins over the shipped one. A file with a mistake changes nothing.
    """
    from pipelines.calendars import import_calendar

    tell(import_calendar(home_dir, file), as_json=as_json)
    return DONE
