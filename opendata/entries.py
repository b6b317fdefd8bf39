"""Everything read from the files of one catalog, for the checks that look across files."""

from collections.abc import Mapping
from dataclasses import dataclass

from opendata.catalog import CodeTable
from opendata.catalog_schema import BodiesFile, ElementFile, ElementsFile
from opendata.entry import Entry
from opendata.hierarchies import Hierarchy
from opendata.spelling import Spelt


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The files of one catalog as they were spelled."""

    entries: tuple[Entry, ...]
    bodies: Spelt[BodiesFile]
    code_tables: tuple[CodeTable, ...]
    hierarchies: tuple[Hierarchy, ...]
    elements: Spelt[ElementsFile]
    dataset_ids: frozenset[str]
    """Every id a file stands for, readable or not: one mistake must not make ten."""

    @property
    def body_titles(self) -> Mapping[str, str]:
        """Body ids and names."""
        return self.bodies.value.bodies if self.bodies.value else {}

    @property
    def element_files(self) -> Mapping[str, ElementFile]:
        """Data elements by id."""
        return self.elements.value.elements if self.elements.value else {}
