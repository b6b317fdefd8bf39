"""One catalog entry as it was read: where it lies, what it says, and its hand-written SQL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from opendata.catalog_schema import EntryFile
from opendata.errors import Problem
from opendata.yaml_text import KeyPath, YamlText

NAME = re.compile(r"[a-z][a-z0-9_]*")
MODEL_CALL = re.compile(r"\{\{-?\s*(source|ref)\(\s*(['\"])(.*?)\2\s*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it was read: where it lies, what it says, and its hand-written SQL."""

    text: YamlText
    file: EntryFile
    model: str | None = None
    unreadable: tuple[KeyPath, ...] = ()

    @property
    def body(self) -> str:
        """The folder the entry lies in."""
        return self.text.path.split("/")[1]

    @property
    def stem(self) -> str:
        """The file name without ``.yaml``."""
        return self.text.path.rsplit("/", 1)[1].removesuffix(".yaml")

    def named_in_model(self, function: str) -> tuple[tuple[int, str], ...]:
        """Line and argument of every ``source('…')`` or ``ref('…')`` in the SQL."""
        lines = (self.model or "").splitlines()
        return tuple(
            (number, call[3])
            for number, line in enumerate(lines, start=1)
            for call in MODEL_CALL.finditer(line)
            if call[1] == function
        )

    @property
    def reads(self) -> tuple[str, ...]:
        """Ids of the datasets the SQL reads, once each, in order of appearance."""
        return tuple(dict.fromkeys(name for _, name in self.named_in_model("ref")))

    def doubts(self, problem: Problem) -> bool:
        """Whether the problem may only echo a key that could not be read at all."""
        keys = problem.where.partition(" ")[2] + "."
        return any(
            keys.startswith(".".join(map(str, each[:-1] or each)) + ".") for each in self.unreadable
        )

    def problem(self, *keys: str | int, said: str) -> Problem:
        """A problem at these keys of this file."""
        return self.text.problem(keys, said)

    def problem_in_model(self, line: int, said: str) -> Problem:
        """A problem in the SQL beside the entry."""
        path = self.text.path.removesuffix(".yaml") + ".sql"
        return Problem(where=f"{path}:{line}", message=said)


def headings(file: EntryFile) -> dict[str, str]:
    """Field names and the headings they are read from when a source declares no columns."""
    return {name: field.heading or field.title for name, field in file.fields.items()}


def listed(names: Mapping[str, object]) -> str:
    """Names as a sentence takes them: ``a, b``, or ``none``."""
    return ", ".join(names) or "none"
