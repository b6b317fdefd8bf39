"""``opendata doctor``: is this machine and this home fit to work? One line a question."""

import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from opendata.errors import OpenDataError
from resources.calendar_file import calendar_of
from resources.clock import Clock
from resources.credentials import password_of
from resources.home import Home
from resources.vault import KeyProvider

_PINS = {"dagster": "1.13.", "duckdb": "2.0.", "polars": "2.", "great-expectations": "1.24."}
_FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer to one question: healthy or not, what was found, what to do."""

    question: str
    healthy: bool
    found: str

    def __str__(self) -> str:
        """``ok`` or ``PROBLEM``, the question, what was found."""
        return f"{'ok     ' if self.healthy else 'PROBLEM'} {self.question}: {self.found}"

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"question": self.question, "healthy": self.healthy, "found": self.found}


Answer = tuple[bool, str]
"""Healthy or not, and what was found."""


def settings_are_valid(home: Home) -> Answer:
    """Role and regimes are decided."""
    settings = home.settings
    return True, f"{settings.deployment_role.code}, {', '.join(settings.regimes)}"


def key_is_there(home: Home) -> Answer:
    """The master key can be read and nobody else can read it."""
    return True, f"key {KeyProvider(home.key_location()).key_id}"


def restricted_is_private(home: Home) -> Answer:
    """Raw data is readable by its owner only."""
    if not home.restricted.exists():
        return False, "missing; run `opendata run` once"
    mode = stat.S_IMODE(home.restricted.stat().st_mode)
    return (True, "0700") if mode == 0o700 else (False, f"{mode:04o}; chmod it to 0700")


def passwords_are_there(home: Home) -> Answer:
    """Every exchange database has the password its settings name, for its owner alone."""
    connections = home.settings.connections
    for each in connections:
        password_of(each, home=home.root)
    return True, f"{len(connections)} connection(s)"


def disk_has_room(home: Home) -> Answer:
    """At least one gigabyte is free where the home lies."""
    free = shutil.disk_usage(home.root).free
    return free > _FREE_BYTES, f"{free / 2**30:.1f} GiB free"


def calendar_covers_the_year(home: Home) -> Answer:
    """Working days of the coming months are published; otherwise deadlines are provisional."""
    calendar = calendar_of(home)
    soon = Clock(home.settings.timezone).as_of + timedelta(days=60)
    known = not calendar.add_workdays(soon, 1).provisional
    found = "published for the next 60 days" if known else f"note: dates of {soon.year} are 暂定"
    return True, found


def pins_hold(_home: Home) -> Answer:
    """The installed versions are the ones this product was measured on."""
    wrong = [
        f"{name} {version(name)} is not {pin}*"
        for name, pin in _PINS.items()
        if not version(name).startswith(pin)
    ]
    return not wrong, "; ".join(wrong) or "as locked"


QUESTIONS: Mapping[str, Callable[[Home], Answer]] = {
    "role and regimes": settings_are_valid,
    "master key": key_is_there,
    "restricted/ permissions": restricted_is_private,
    "exchange databases": passwords_are_there,
    "disk": disk_has_room,
    "working-day calendar": calendar_covers_the_year,
    "pinned versions": pins_hold,
}


def examine(home: Home) -> tuple[Diagnosis, ...]:
    """Ask every question; one that cannot be answered is a problem, and the others go on."""
    return tuple(_diagnosis(question, answer, home) for question, answer in QUESTIONS.items())


def _diagnosis(question: str, answer: Callable[[Home], Answer], home: Home) -> Diagnosis:
    try:
        healthy, found = answer(home)
    except OpenDataError as error:
        healthy, found = False, str(error)
    return Diagnosis(question, healthy=healthy, found=found)
