"""``opendata doctor``: is this machine and this home fit to work? One line a question."""

import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from opendata.errors import OpenDataError
from opendata.workdays import Calendar
from resources.clock import Clock
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


def settings_are_valid(home: Home) -> Diagnosis:
    """Role and regimes are decided."""
    try:
        settings = home.settings
    except OpenDataError as error:
        return Diagnosis("settings", healthy=False, found=str(error))
    found = f"{settings.deployment_role.code}, {', '.join(settings.regimes)}"
    return Diagnosis("role and regimes", healthy=True, found=found)


def key_is_there(home: Home) -> Diagnosis:
    """The master key can be read and nobody else can read it."""
    try:
        key_id = KeyProvider(home.key_location()).key_id
    except OpenDataError as error:
        return Diagnosis("master key", healthy=False, found=str(error))
    return Diagnosis("master key", healthy=True, found=f"key {key_id}")


def restricted_is_private(home: Home) -> Diagnosis:
    """Raw data is readable by its owner only."""
    mode = stat.S_IMODE(home.restricted.stat().st_mode) if home.restricted.exists() else None
    if mode == 0o700:
        return Diagnosis("restricted/ permissions", healthy=True, found="0700")
    found = "missing; run `opendata run` once" if mode is None else f"{mode:04o}; chmod it to 0700"
    return Diagnosis("restricted/ permissions", healthy=False, found=found)


def disk_has_room(home: Home) -> Diagnosis:
    """At least one gigabyte is free where the home lies."""
    free = shutil.disk_usage(home.root).free
    return Diagnosis("disk", healthy=free > _FREE_BYTES, found=f"{free / 2**30:.1f} GiB free")


def calendar_covers_the_year(home: Home) -> Diagnosis:
    """Working days of the coming months are published; otherwise deadlines are provisional."""
    calendar = Calendar.load(home.settings.region)
    soon = Clock(home.settings.timezone).as_of + timedelta(days=60)
    known = not calendar.add_workdays(soon, 1).provisional
    found = "published for the next 60 days" if known else f"note: dates of {soon.year} are 暂定"
    return Diagnosis("working-day calendar", healthy=True, found=found)


def pins_hold(_home: Home) -> Diagnosis:
    """The installed versions are the ones this product was measured on."""
    wrong = [
        f"{name} {version(name)} is not {pin}*"
        for name, pin in _PINS.items()
        if not version(name).startswith(pin)
    ]
    return Diagnosis("pinned versions", healthy=not wrong, found="; ".join(wrong) or "as locked")


QUESTIONS: tuple[Callable[[Home], Diagnosis], ...] = (
    settings_are_valid,
    key_is_there,
    restricted_is_private,
    disk_has_room,
    calendar_covers_the_year,
    pins_hold,
)


def examine(home: Home) -> tuple[Diagnosis, ...]:
    """Ask every question."""
    return tuple(question(home) for question in QUESTIONS)
