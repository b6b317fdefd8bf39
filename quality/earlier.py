"""What is kept of the versions before a judged one, for a second opinion on what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OF_ROWS = ("expect_table_keys_not_to_churn", "expect_table_to_change_when_updated")
"""Rules on the rows of the version before; of the others counts are enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A released version and those before it: ``rows`` of each, oldest first, the rest of the last.

    ``nulls`` are empty values by field, ``categories`` rows by field and value; a value the judged
    version has none of may be a digest. ``table`` is its flagged file, None where that is gone, and
    ``shared`` the columns of it that still have the same type. ``whole`` where no older count was
    dropped.
    """

    release: str
    rows: Sequence[int]
    nulls: Mapping[str, int]
    categories: Mapping[str, Mapping[str, int]]
    table: str | None = None
    shared: Sequence[str] = ()
    whole: bool = True

    def counts_last(self, versions: int) -> bool:
        """Whether the rows of so many versions are known, or of all there ever were."""
        return self.whole or len(self.rows) >= versions
