"""What must hold of data elements: one authority each, named by everyone who carries it (一数一源).

Checks yield problems and never raise. Comparing the values is the quality room; who claims
an element is a decision, kept in the register.
"""

from collections.abc import Callable, Iterator

from opendata.catalog_schema import FieldFile
from opendata.entries import Entries
from opendata.entry import Entry, listed
from opendata.errors import Problem


def _authorities_are_fields(given: Entries) -> Iterator[Problem]:
    for name, element in given.element_files.items():
        if element.authority is None or given.elements.text is None:
            continue
        dataset, _, field = element.authority.partition(".")
        at = ("elements", name, "authority")
        if dataset not in given.dataset_ids:
            said = f"{element.authority!r} names no dataset of this catalog; write dataset.field."
            yield given.elements.text.problem(at, said)
        elif (entry := _entry(given, dataset)) and not _carries(entry, field, name):
            said = (
                f"{dataset} has no field {field!r} with `element: {name}`; the authority of an "
                "element carries it."
            )
            yield given.elements.text.problem(at, said)


def _elements_are_declared(given: Entries) -> Iterator[Problem]:
    for entry, name, field in _element_fields(given):
        if field.element not in given.element_files:
            said = (
                f"{field.element!r} is not in catalog/elements.yaml, which has "
                f"{listed(given.element_files)}."
            )
            yield entry.problem("fields", name, "element", said=said)


def _types_agree(given: Entries) -> Iterator[Problem]:
    for entry, name, field in _element_fields(given):
        element = given.element_files.get(field.element or "")
        if element and field.type is not element.type:
            said = (
                f"{field.type.value} is not the type of the element {field.element}, "
                f"{element.type.value}; one element has one type."
            )
            yield entry.problem("fields", name, "type", said=said)


def _carriers_name_the_authority(given: Entries) -> Iterator[Problem]:
    for entry, name, field in _element_fields(given):
        element = given.element_files.get(field.element or "")
        here = f"{entry.file.id}.{name}"
        if element is None or element.authority in (None, here):
            continue
        if field.checked_against is None:
            said = (
                f"the source of the element {field.element} is {element.authority}; write "
                f"`checked_against: {element.authority}` (一数一源)."
            )
            yield entry.problem("fields", name, "element", said=said)
        elif field.checked_against != element.authority:
            said = (
                f"{field.checked_against!r} is not the source of the element {field.element}; "
                f"that is {element.authority}."
            )
            yield entry.problem("fields", name, "checked_against", said=said)


def _only_carriers_are_checked(given: Entries) -> Iterator[Problem]:
    for entry in given.entries:
        for name, field in entry.file.fields.items():
            element = given.element_files.get(field.element or "")
            claimed = element and element.authority not in (None, f"{entry.file.id}.{name}")
            if field.checked_against is not None and not claimed:
                said = (
                    "only a field with an `element` that has another authority is checked against "
                    "it; name the element, or remove this."
                )
                yield entry.problem("fields", name, "checked_against", said=said)


def _carriers_can_be_compared(given: Entries) -> Iterator[Problem]:
    """Rows meet by the authority's key, so a carrier holds the elements of that key too."""
    for entry, name, field in _element_fields(given):
        element = given.element_files.get(field.element or "")
        if element is None or element.authority is None or field.checked_against is None:
            continue
        authority = _entry(given, element.authority.partition(".")[0])
        if authority is None or field.checked_against != element.authority:
            continue
        keys = {each: one.element for each, one in authority.file.fields.items() if one.key}
        carried = {one.element for one in entry.file.fields.values()}
        missing = [each for each, key in keys.items() if key is None or key not in carried]
        if missing or not keys:
            said = (
                f"rows cannot be matched with {authority.file.id}: its key ({listed(keys)}) must "
                "consist of elements that this dataset carries too."
            )
            yield entry.problem("fields", name, "checked_against", said=said)


def _entry(given: Entries, dataset_id: str) -> Entry | None:
    return next((each for each in given.entries if each.file.id == dataset_id), None)


def _carries(entry: Entry, field: str, element: str) -> bool:
    return field in entry.file.fields and entry.file.fields[field].element == element


def _element_fields(given: Entries) -> Iterator[tuple[Entry, str, FieldFile]]:
    for entry in given.entries:
        for name, field in entry.file.fields.items():
            if field.element is not None:
                yield entry, name, field


ElementCheck = Callable[[Entries], Iterator[Problem]]
ELEMENT_CHECKS: tuple[ElementCheck, ...] = (
    _authorities_are_fields,
    _elements_are_declared,
    _types_agree,
    _carriers_name_the_authority,
    _only_carriers_are_checked,
    _carriers_can_be_compared,
)
