"""The feed: text transcoded on its way into DuckDB through a named pipe, without a copy on disk.

For large files that are not UTF-8 and are scanned once. A pipe has one reader and no way back:
its name goes as soon as the reader has come, so a second scan fails instead of losing rows.
"""

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path

from opendata.errors import SourceError
from resources.transcode import TextFile

_PIPE = 1 << 20
_PATIENCE = 5.0  # seconds; a feed lasts longer only when a reader neither reads on nor goes away
# Not UTF-8 and never closed: whatever DuckDB is reading, this makes it fail, not end.
_POISON = b'\n"\xff\xff'


class Feed:
    """Feeds one scan of ``path`` with the UTF-8 of ``text``, from a thread of its own."""

    def __init__(self, text: TextFile, path: Path) -> None:
        self.path = path
        self._text = text
        self._failure: SourceError | None = None
        self._met = threading.Event()
        os.mkfifo(path, 0o600)
        self._thread = threading.Thread(target=self._run, name="source feed", daemon=True)
        self._thread.start()

    def verdict(self) -> SourceError | None:
        """Why the text could not be fed to its end, if so; asked after the scan."""
        if not self.path.exists():
            self._thread.join(_PATIENCE)
        return self._failure

    def stop(self) -> None:
        """End the feed whether or not it was ever read; safe to repeat."""
        with suppress(FileNotFoundError):
            reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
            self._met.wait(_PATIENCE)
            os.close(reader)
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        with self.path.open("wb", buffering=0) as pipe:
            self.path.unlink()
            self._met.set()
            with suppress(AttributeError, OSError):  # wider pipes wake the two sides less often
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
            with suppress(BrokenPipeError):
                self._pour(pipe.fileno())

    def _pour(self, pipe: int) -> None:
        try:
            for chunk in self._text.utf8():
                _write_all(pipe, chunk)
        except SourceError as error:
            self._failure = error
            _write_all(pipe, _POISON)


def _write_all(pipe: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(pipe, left) :]
