"""``withheld.json``: which datasets are suspended right now. The truth about availability.

One short file beside the stores, shared by all of them, changed under its own lock so that a
suspension never waits for a publication. Why somebody suspended, and everything that was ever
suspended, is in the register and the record.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from resources.fsio import locked, write_durably
from resources.manifest import damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """One dataset suspended on one case. ``at`` is ISO 8601 text.

    ``origin`` is the dataset the case was opened on; the others it reaches are derived from it.
    """

    dataset_id: str
    case: str
    reason: str
    actor: str
    at: str
    origin: str = ""


class WithheldList:
    """The file. A missing file means nothing is withheld; a damaged one stops everything."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> tuple[Withholding, ...]:
        """Everything withheld now, oldest first.

        Raises:
            StoreError: the file is damaged; nothing may be published on a guess.
        """
        try:
            given = json.loads(self.path.read_bytes())
            return tuple(Withholding(**each) for each in given["withheld"])
        except FileNotFoundError:
            return ()
        except (ValueError, KeyError, TypeError):
            raise damaged(str(self.path)) from None

    def ids(self) -> frozenset[str]:
        """The ids of the datasets that are withheld now."""
        return frozenset(each.dataset_id for each in self.entries())

    def add(self, withholdings: Sequence[Withholding]) -> None:
        """Withhold datasets: all in force together, and on the disk, when this returns."""
        with locked(self._lock):
            self._write((*self.entries(), *withholdings))

    def lift(self, dataset_ids: Collection[str], *, case: str | None) -> None:
        """Lift one case, or every case, from some datasets."""
        with locked(self._lock):
            self._write(
                tuple(
                    each
                    for each in self.entries()
                    if each.dataset_id not in dataset_ids or case not in {None, each.case}
                )
            )

    @property
    def _lock(self) -> Path:
        return self.path.with_name(f".{self.path.name}.lock")

    def _write(self, entries: tuple[Withholding, ...]) -> None:
        content = {"withheld": [asdict(each) for each in entries]}
        text = json.dumps(content, ensure_ascii=False, indent=1)
        write_durably(self.path, f"{text}\n".encode())
