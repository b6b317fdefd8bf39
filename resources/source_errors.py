"""How a source that cannot be landed is refused: one English sentence, one Chinese reason.

Whoever reads sources builds its refusals here, so that each names the file and none can carry a
value taken from a data row. What is refused, and when, is decided by the readers.
"""

from opendata.errors import SourceError, StructureChanged
from opendata.structure import StructureDiff


def cannot_land(name: str, message: str, *, reason: str) -> SourceError:
    """A refusal of the file called ``name``; ``reason`` is what the clerk reads, in Chinese.

    >>> cannot_land("a.csv", "it is empty; ask for another", reason="是空文件，请重新报送。").reason
    '文件“a.csv”是空文件，请重新报送。'
    """
    return SourceError(f"{name}: {message}", reason=f"文件“{name}”{reason}")


def structure_changed(
    name: str, message: str, *, reason: str, diff: StructureDiff
) -> StructureChanged:
    """A refusal as ``cannot_land`` makes it, with the difference for whoever decides further."""
    return StructureChanged(f"{name}: {message}", reason=f"文件“{name}”{reason}", diff=diff)
