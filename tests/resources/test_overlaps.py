from pathlib import Path
from typing import Any

import pytest

from resources.overlaps import inclusions, nearly_same_rows, same_rows
from resources.sketch import Sketch
from tests.resources.tables import Columns, codes, sketched

CODES = codes(4000)
REGISTER: Columns = {"uscc": CODES, "name": [f"企业{each[4:9]}" for each in CODES]}


def table(tmp_path: Path, columns: Columns, name: str = "b", **given: Any) -> Sketch:
    return sketched(tmp_path / name, columns, **given)


def rows_with(others: int) -> Columns:
    """The register's rows, so many of them replaced by others."""
    mixed = [*CODES[others:], *codes(others, seed=7)]
    return {"uscc": mixed, "name": [f"企业{each[4:9]}" for each in mixed]}


def included(
    tmp_path: Path, columns: Columns, source: Columns = REGISTER
) -> list[tuple[str, float]]:
    sketches = {
        "register": table(tmp_path, source, "a", indexed=next(iter(source))),
        "list": table(tmp_path, columns),
    }
    bodies = {"register": "market", "list": "science"}
    return [(each.copy[1], each.counted.share) for each in inclusions(sketches, bodies)]


def test_equal_tables_are_grouped(tmp_path: Path) -> None:
    turned = {"c2": REGISTER["name"][::-1], "c1": REGISTER["uscc"][::-1]}
    sketches = {
        "a": table(tmp_path, REGISTER, "a"),
        "b": table(tmp_path, rows_with(1)),
        "c": table(tmp_path, turned, "c"),
    }

    assert same_rows(sketches) == (("a", "c"),)


@pytest.mark.parametrize(
    ("columns", "rows"), [(("uscc", "name"), 49), (("uscc",), 400)], ids=["few_rows", "one_column"]
)
def test_what_is_hardly_a_table_is_no_duplicate(
    tmp_path: Path, columns: tuple[str, ...], rows: int
) -> None:
    small = {name: REGISTER[name][:rows] for name in columns}
    sketches = {name: table(tmp_path, small, name) for name in ("a", "b")}

    assert same_rows(sketches) == ()
    assert list(nearly_same_rows(sketches)) == []


def test_tables_that_share_most_rows_are_paired_with_the_share(tmp_path: Path) -> None:
    sketches = {"a": table(tmp_path, REGISTER, "a"), "b": table(tmp_path, rows_with(200))}

    ((one, other, counted),) = nearly_same_rows(sketches)

    low, high = counted.interval
    assert {one, other} == {"a", "b"}
    assert low < 3800 / 4200 < high


def test_tables_that_share_fewer_rows_are_not_paired(tmp_path: Path) -> None:
    sketches = {"a": table(tmp_path, REGISTER, "a"), "b": table(tmp_path, rows_with(1200))}

    assert list(nearly_same_rows(sketches)) == []


def test_a_crowd_of_near_copies_is_told_as_a_chain(tmp_path: Path) -> None:
    small = {name: values[:400] for name, values in REGISTER.items()}
    sketches = {f"t{n}": table(tmp_path, small, f"t{n}") for n in range(45)}

    assert 44 <= len(list(nearly_same_rows(sketches))) < 45 * 44 / 2


@pytest.mark.parametrize("count", [50, 600, 3000])
def test_a_list_of_any_size_is_found_in_the_register(tmp_path: Path, count: int) -> None:
    ((name, share),) = included(tmp_path, {"code": CODES[:count]})

    assert name == "code"
    assert share == pytest.approx(1)


def test_a_share_is_estimated_where_some_values_are_strange(tmp_path: Path) -> None:
    ((_, share),) = included(tmp_path, {"code": [*CODES[:980], *codes(20, seed=3)]})

    assert share == pytest.approx(0.98, abs=0.012)


NOT_FOUND: dict[str, Columns] = {
    "mostly_strange": {"code": [*CODES[:800], *codes(200, seed=3)]},
    "too_few_values": {"code": [*CODES[:49], *CODES[:49]]},
    "empty": {"code": [None] * 60},
}


@pytest.mark.parametrize("case", list(NOT_FOUND))
def test_what_does_not_lie_in_the_register_is_not_found(tmp_path: Path, case: str) -> None:
    assert included(tmp_path, NOT_FOUND[case]) == []


SPELLED: dict[str, list[Any]] = {
    "sequence": list(range(1, 3001)),
    "sequence_with_gaps": [n for n in range(1, 4000) if n % 3],
    "years": [1900 + n % 125 for n in range(3000)],
    "districts": [f"61{n % 100:02d}{n % 13:02d}" for n in range(3000)],
    "days": [f"20{n % 25:02d}-{n % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(3000)],
    "flags": ["是", "否"] * 1500,
    "padded": [f"{n:06d}" for n in range(3000)],
    "prefixed": [f"P-{n:04d}" for n in range(3000)],
    "yearly": [f"云审〔{2010 + n % 10}〕{n // 10}号" for n in range(3000)],
}


@pytest.mark.parametrize("kind", list(SPELLED))
def test_values_that_anybody_would_have_are_not_taken_for_copies(tmp_path: Path, kind: str) -> None:
    values = SPELLED[kind]

    assert included(tmp_path, {"some": values[:1000]}, {"key": values}) == []


def test_a_body_is_not_told_of_its_own_columns(tmp_path: Path) -> None:
    sketches = {
        "register": table(tmp_path, REGISTER, "a", indexed="uscc"),
        "list": table(tmp_path, {"code": CODES[:900]}),
    }

    assert list(inclusions(sketches, {"register": "market", "list": "market"})) == []
