"""Division codes (GB/T 2260): six digits of province, prefecture and county, in force in a year.

The codes themselves are the city's to give: a rule brings them as ``periods``, each a code with the
first and the last year it was in force (no last year: it still is), and the ``year`` it is judged
for. Without them only the structure is looked at.
"""

from collections.abc import Mapping
from typing import Any

_PROVINCES = "1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]"
DIVISION_SHAPE = f"(?:{_PROVINCES})(?:0000|(?:0[1-9]|[1-9][0-9])[0-9]{{2}})"
ARGUMENTS = frozenset({"year", "periods"})


def codes_in_force(kwargs: Mapping[str, Any]) -> list[str] | None:
    """The codes in force in the year of a rule; None where it brings none."""
    if "periods" not in kwargs:
        return None
    year = kwargs["year"]
    return [
        code
        for code, first, last in kwargs["periods"]
        if first <= year and (last is None or year <= last)
    ]


def wrong_periods(kwargs: Mapping[str, Any]) -> list[str]:
    """What is wrong with the year and the periods of a rule."""
    if not ARGUMENTS & set(kwargs):
        return []
    if ARGUMENTS - set(kwargs):
        return ["year and periods go together"]
    if not isinstance(kwargs["year"], int) or not isinstance(kwargs["periods"], list):
        return ["year is a number and periods a list of [code, first year, last year or null]"]
    if strange := [each for each in kwargs["periods"] if not _is_period(each)]:
        return [f"{strange[0]!r} is no period: [code, first year, last year or null]"]
    if not codes_in_force(kwargs):
        return [f"no code of the periods is in force in {kwargs['year']}"]
    return []


def _is_period(each: Any) -> bool:
    if not isinstance(each, list | tuple) or len(each) != 3:
        return False
    code, first, last = each
    ordered = isinstance(first, int) and (last is None or (isinstance(last, int) and first <= last))
    return isinstance(code, str) and ordered
