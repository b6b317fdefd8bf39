"""Where candidates wait before they are published: outside the public root, same file system.

Each process has its own folder and holds a lock in it while it lives, so that sweeping removes what
the dead left behind and never what a run beside us is still writing.
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path

from resources.fsio import PRIVATE_FOLDER, hold_lock, is_held, locked

_ALIVE = ".alive"


class Staging:
    """The waiting room of one store."""

    def __init__(self, folder: Path, *, lock: Path) -> None:
        self.folder = folder
        self._lock = lock
        self._own: Path | None = None

    def path_for(self, dataset_id: str) -> Path:
        """A fresh path for a candidate file; the folder exists, the file does not."""
        own = self._own or self._open_own()
        return Path(tempfile.mkdtemp(prefix=f"{dataset_id}-", dir=own)) / f"{dataset_id}.parquet"

    def clear(self, paths: Iterable[Path]) -> None:
        """Remove candidates that were dealt with, those of them that wait here."""
        for path in paths:
            if self._own and self._own in path.parents:
                shutil.rmtree(path.parent, ignore_errors=True)

    def sweep(self) -> int:
        """Remove the folders of processes that are gone; how many there were. Hold the lock."""
        dead = [each for each in self._folders() if not is_held(each / _ALIVE)]
        for each in dead:
            shutil.rmtree(each)
        return len(dead)

    def _folders(self) -> list[Path]:
        return [each for each in self.folder.glob("run-*") if each.is_dir()]

    def _open_own(self) -> Path:
        self.folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        with locked(self._lock):  # so that no sweep sees the folder before it is held
            self._own = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
            weakref.finalize(self, os.close, hold_lock(self._own / _ALIVE))
        return self._own
