"""A workbook a person filled in: opened for reading and for notes in its cells, within a size.

What landed is read by ``workbook.py``; here a sheet of our own comes back.
"""

import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

MAX_BYTES = 256 * 2**20
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError),  # the archive
    *(SyntaxError, LookupError, ValueError, TypeError, AttributeError),  # what openpyxl finds in it
)


class NotFilled(Exception):
    """It cannot be opened; the text says why and what to do, without a full stop."""


def open_filled(path: Path) -> Any:
    """The workbook as openpyxl's.

    Raises:
        NotFilled: it is no XLSX workbook, has a password, or unpacks to more than ``MAX_BYTES``.
    """
    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(each.file_size for each in archive.infolist())
        if size <= MAX_BYTES:
            with warnings.catch_warnings(action="ignore"):
                return openpyxl.load_workbook(path)
    except _UNREADABLE:
        said = "it cannot be read as a workbook; save it as .xlsx, without a password"
        raise NotFilled(said) from None
    raise NotFilled(f"it unpacks to more than {MAX_BYTES >> 20} MB")
