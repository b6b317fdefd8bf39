"""What must hold between the files of one catalog: ids, bodies, code tables, reading.

One small function per check, gathered in ``CATALOG_CHECKS``; a check yields problems and never
raises. Checks of one entry alone are ``entry_checks.py``, of data elements ``element_checks.py``.
"""

from collections.abc import Callable, Iterator, Mapping

from opendata.element_checks import ELEMENT_CHECKS
from opendata.entries import Entries
from opendata.entry import NAME, Entry, listed
from opendata.errors import Problem


def _ids_are_unique(given: Entries) -> Iterator[Problem]:
    first: dict[str, Entry] = {}
    for entry in given.entries:
        earlier = first.setdefault(entry.file.id, entry)
        if earlier is not entry:
            yield entry.problem(
                "id", said=f"{entry.file.id!r} is already {earlier.text.path}; ids are unique."
            )


def _body_ids_are_ids(given: Entries) -> Iterator[Problem]:
    for name in given.body_titles:
        if given.bodies.text and not NAME.fullmatch(name):
            said = f"{name!r} is no body id; ids match {NAME.pattern}."
            yield given.bodies.text.problem(("bodies", name), said)


def _bodies_are_declared(given: Entries) -> Iterator[Problem]:
    for entry in given.entries:
        for key in ("body", "lead_body"):
            name = getattr(entry.file, key)
            if name is not None and name not in given.body_titles:
                known = listed(given.body_titles)
                said = f"{name!r} is not in catalog/bodies.yaml, which has {known}."
                yield entry.problem(key, said=said)


def _code_tables_exist(given: Entries) -> Iterator[Problem]:
    known = {table.id: table for table in given.code_tables}
    for entry in given.entries:
        for name, field in entry.file.fields.items():
            if field.code_table is not None and field.code_table not in known:
                yield entry.problem(
                    "fields",
                    name,
                    "code_table",
                    said=f"there is no codes/{field.code_table}.csv; there is {listed(known)}.",
                )


def _hierarchies_exist(given: Entries) -> Iterator[Problem]:
    known = {each.id: each for each in given.hierarchies}
    for entry in given.entries:
        for name, field in entry.file.fields.items():
            if field.hierarchy is None:
                continue
            found = known.get(field.hierarchy)
            if found is None:
                yield entry.problem(
                    "fields",
                    name,
                    "hierarchy",
                    said=f"there is no codes/hierarchies/{field.hierarchy}.csv; there is "
                    f"{listed(known)}.",
                )
            elif found.rows and (field.level or 1) > found.depth:
                said = f"{found.id!r} has {found.depth} level(s), the last of which is *."
                yield entry.problem("fields", name, "level", said=said)


def _reads_exist(given: Entries) -> Iterator[Problem]:
    for entry in given.entries:
        for line, name in entry.named_in_model("ref"):
            if name not in given.dataset_ids:
                yield entry.problem_in_model(line, f"no dataset is called {name!r}.")


def _reads_make_no_circle(given: Entries) -> Iterator[Problem]:
    reads = {entry.file.id: entry.reads for entry in given.entries}
    for entry in given.entries:
        circle = _circle(entry.file.id, reads)
        if circle:
            line = next(line for line, name in entry.named_in_model("ref") if name == circle[1])
            way = f" ({' → '.join(circle)})" if len(circle) > 2 else ""
            yield entry.problem_in_model(line, f"this dataset reads itself{way}; break the circle.")


def _circle(start: str, reads: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest way from a dataset back to itself, both ends named; empty when there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        ways = [(*way, up) for way in ways for up in reads.get(way[-1], ()) if up not in seen]
        if back := next((way for way in ways if way[-1] == start), None):
            return back
        ways = list({way[-1]: way for way in ways}.values())
        seen |= {way[-1] for way in ways}
    return ()


CatalogCheck = Callable[[Entries], Iterator[Problem]]
CATALOG_CHECKS: tuple[CatalogCheck, ...] = (
    _ids_are_unique,
    _body_ids_are_ids,
    _bodies_are_declared,
    _code_tables_exist,
    _hierarchies_exist,
    *ELEMENT_CHECKS,
    _reads_exist,
    _reads_make_no_circle,
)
