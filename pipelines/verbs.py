"""What every verb of the command shares: exit codes, errors in words, options, JSON.

Exit codes: 0 done, 1 crash, 2 wrong input, 3 something was refused.
"""

import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, Protocol

import click

from opendata.errors import (
    CatalogError,
    DecisionError,
    HomeError,
    KeyMissing,
    ModelError,
    NotSuspended,
    OpenDataError,
    RecordUnwritable,
    UnknownDataset,
    Withheld,
)

DONE, CRASH, WRONG_INPUT, REFUSED = 0, 1, 2, 3
P = ParamSpec("P")
_WRONG = (
    CatalogError,
    DecisionError,
    HomeError,
    KeyMissing,
    ModelError,
    NotSuspended,
    UnknownDataset,
)


def _exit_code(error: OpenDataError) -> int:
    if isinstance(error, _WRONG):
        return WRONG_INPUT
    return REFUSED if isinstance(error, Withheld | RecordUnwritable) else CRASH


def verb(function: Callable[P, int]) -> Callable[P, None]:
    """Turn a function returning an exit code into a command body that explains its errors."""

    @wraps(function)
    def body(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = function(*args, **kwargs)
        except OpenDataError as error:
            code = _exit_code(error)
            _tell(error, as_json=bool(kwargs.get("as_json")))
        sys.exit(code)

    return body


def _tell(error: OpenDataError, *, as_json: bool) -> None:
    if as_json:
        print_json({"error": type(error).__name__, "message": str(error)})
    else:
        click.echo(f"opendata: {error}", err=True)


home_option = click.option(
    "--home",
    "home_dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The home to work in; otherwise OPENDATA_HOME or the nearest opendata.yaml upward.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
as_of_option = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="The day on which law and freshness are judged; today when absent.",
)


def home_verb(function: Callable[P, int]) -> Callable[P, None]:
    """A verb that works in a home: it also takes ``--home`` and ``--json``."""
    return home_option(json_option(verb(function)))


def decision_verb(function: Callable[P, int]) -> Callable[P, None]:
    """A verb that enters a decision: it also takes the ground of it, ``--reason, --evidence``."""
    reason = click.option(
        "--reason", required=True, callback=said, help="Why, in one sentence; it is kept."
    )
    evidence = click.option(
        "--evidence",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        default=None,
        help="The document the decision rests on; its SHA-256 is kept, the file is not.",
    )
    return reason(evidence(home_verb(function)))


def day(given: datetime | None) -> date | None:
    """The day of an ``--as-of``.

    Raises:
        click.BadParameter: no calendar of ours is about that year.
    """
    if given and not 1949 <= given.year <= 2199:
        raise click.BadParameter(f"the year {given.year} is not between 1949 and 2199")
    return given.date() if given else None


def progress(message: str) -> None:
    """Tell on standard error what is being done."""
    click.echo(f"  {message}", err=True)


def approved(function: Callable[P, object]) -> Callable[P, object]:
    """What a named person approves: the verb also takes ``--by`` and ``--role``."""
    by = click.option(
        "--by", "approver", required=True, callback=said, help="Who approves it, by name."
    )
    role = click.option("--role", required=True, callback=said, help="The post of who approves it.")
    return by(role(function))


def until_option(told: str) -> Callable[[Callable[P, object]], Callable[P, object]]:
    """``--until``, the last day of what is decided; ``told`` says what ends it sooner."""
    return click.option(
        "--until",
        required=True,
        type=click.DateTime(["%Y-%m-%d"]),
        callback=lambda _context, _option, given: day(given),
        help=told,
    )


class Answer(Protocol):
    """What a verb answers: the same for a person and for a program."""

    def as_text(self) -> str:
        """For a person."""

    def as_json(self) -> Any:
        """For ``--json``."""


def tell(answer: Answer, *, as_json: bool) -> None:
    """Print what a verb answers, the way it was asked for."""
    if as_json:
        print_json(answer.as_json())
    else:
        click.echo(answer.as_text())


def print_json(value: Any) -> None:
    """Print a value as JSON, Chinese as it is."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def said(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    """The callback of options the record keeps, such as ``--reason``: words, not blanks."""
    if given is not None and not given.strip():
        raise click.BadParameter("must not be blank; it is kept in the processing record")
    return given.strip() if given else given
