"""Data elements of the home that a drafted field carries, and whom it is checked against."""

from collections.abc import Iterator, Sequence

from opendata.catalog import Catalog, Element
from pipelines.drafting.fields import Drafted
from pipelines.drafting.seen import Confidence, Proposal


def elements_of(fields: Sequence[Drafted], catalog: Catalog) -> Iterator[Proposal]:
    """``element`` and ``checked_against`` where exactly one field fits an element of the home.

    A carrier holds the elements of the authority's key too, or rows could not be matched.
    """
    fitting = {
        element.id: found[0]
        for element in catalog.elements
        if len(found := [each for each in fields if _fits(each, element)]) == 1
    }
    for element in catalog.elements:
        field = fitting.get(element.id)
        if field is None:
            continue
        said = f"与本市数据元“{element.title}”名称或语义相符"
        if not _can_be_matched(element, catalog, set(fitting)):
            said += "，但缺少与数源对行所需的主键，未登记"
            yield field.says("element", Confidence.OPEN, said)
            continue
        yield field.says("element", Confidence.LIKELY, said, value=element.id)
        if element.authority:
            against = "该数据元的数源（一数一源）"
            yield field.says("checked_against", Confidence.LIKELY, against, value=element.authority)


def _fits(field: Drafted, element: Element) -> bool:
    if field.type is not element.type:
        return False
    semantic = field.meaning.semantic if field.meaning else None
    named = element.title == field.title or element.id == field.name
    return named or (semantic is not None and semantic.value == element.title)


def _can_be_matched(element: Element, catalog: Catalog, carried: set[str]) -> bool:
    """Whether rows can be told to be the same as the authority's."""
    if element.authority is None:
        return True
    dataset_id = element.authority.partition(".")[0]
    authority = next((each for each in catalog.datasets if each.id == dataset_id), None)
    keys = [each.element for each in authority.fields if each.key] if authority else []
    return bool(keys) and all(each in carried for each in keys)
