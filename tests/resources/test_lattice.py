"""The search finds exactly the minimal nodes an oracle finds that tries every one."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path

import duckdb
import polars as pl
import pytest

from opendata.catalog import Catalog, Dataset, Treatment
from opendata.hierarchies import Hierarchy, read_hierarchy
from opendata.vocabulary import Action, FieldType, Role, Semantic
from resources.ladders import Base, base_of
from resources.lattice import Asked, Frontier, Node, search
from tests.support import a_catalog, a_dataset, a_field

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "anonymisation" / "adult"
Row = tuple[object, ...]
Told = list[list[dict[object, object]]]


def a_hierarchy(name: str, rows: Iterable[str]) -> Hierarchy:
    found, problems = read_hierarchy(f"codes/hierarchies/{name}.csv", "\n".join(rows))
    assert problems == ()
    return found


def climbing(name: str, hierarchy: str) -> Treatment:
    return Treatment(action=Action.GENERALISE, hierarchy=hierarchy, level=1)


def city(
    hierarchies: Sequence[Hierarchy], sensitive: Sequence[str] = ()
) -> tuple[Catalog, Dataset]:
    quasi = (
        a_field(each.id, role=Role.QUASI, treatment=climbing(each.id, each.id))
        for each in hierarchies
    )
    secret = (a_field(each, role=Role.SENSITIVE) for each in sensitive)
    dataset = a_dataset(fields=(*quasi, *secret))
    return a_catalog(dataset, hierarchies=tuple(hierarchies)), dataset


def base(frame: pl.DataFrame, catalog: Catalog, dataset: Dataset) -> Base:
    con = duckdb.connect(config={"threads": 2})
    con.register("people", frame.to_arrow())
    return base_of(con, "from people", catalog, dataset)


# --- the oracle: every node, class by class, in Python


def told_by(hierarchies: Sequence[Hierarchy]) -> Told:
    """For each field what each value is at rung 0 (itself), 1, …, and at the last (nothing)."""
    return [
        [{row[0]: row[level] for row in each.rows} for level in range(each.depth + 1)]
        for each in hierarchies
    ]


def suppressed(
    rows: list[Row], told: Told, node: Sequence[int], asked: Asked, secrets: int
) -> tuple[int, list[list[Row]]]:
    classes: dict[Row, list[Row]] = defaultdict(list)
    for row in rows:
        key = tuple(told[n][level][row[n]] for n, level in enumerate(node))
        classes[key].append(row)
    bad, kept = 0, []
    for members in classes.values():
        few = any(
            len({row[len(node) + secret] for row in members}) < asked.l for secret in range(secrets)
        )
        if len(members) < asked.k or few:
            bad += len(members)
        else:
            kept.append(members)
    return bad, kept


def farthest(rows: list[Row], kept: list[list[Row]], place: int) -> float:
    table = Counter(row[place] for row in rows)
    return max(
        sum(
            abs(Counter(row[place] for row in each)[value] / len(each) - count / len(rows))
            for value, count in table.items()
        )
        / 2
        for each in kept
    )


def minimal_nodes(
    frame: pl.DataFrame, hierarchies: Sequence[Hierarchy], asked: Asked, sensitive: Sequence[str]
) -> set[tuple[int, ...]]:
    rows = frame.select([*(each.id for each in hierarchies), *sensitive]).rows()
    told, good = told_by(hierarchies), set()
    for node in product(*(range(len(each)) for each in told)):
        bad, kept = suppressed(rows, told, node, asked, len(sensitive))
        if bad > asked.max_suppression * len(rows) or not kept:
            continue
        if asked.t is None or farthest(rows, kept, len(node)) <= asked.t + 1e-12:
            good.add(node)
    return {
        node
        for node in good
        if not any(
            other != node and all(a <= b for a, b in zip(other, node, strict=True))
            for other in good
        )
    }


def nodes(found: Frontier) -> set[tuple[int, ...]]:
    assert found.complete
    return {each.levels for each in found.nodes}


EDU = a_hierarchy("edu", [f"e{n};g{n // 3};{'low' if n < 6 else 'high'};*" for n in range(12)])
AGE = a_hierarchy("age", [f"{n};{n - n % 5};{n - n % 20};{n - n % 40};*" for n in range(80)])
SEX = a_hierarchy("sex", ["m;*", "f;*"])
TOWN = a_hierarchy("town", [f"t{n};c{n // 4};*" for n in range(16)])
ALL = (EDU, AGE, SEX, TOWN)


def people(seed: int, rows: int = 400) -> pl.DataFrame:
    chance = random.Random(seed)
    return pl.DataFrame(
        {each.id: [chance.choice(each.rows)[0] for _ in range(rows)] for each in ALL}
        | {"disease": [chance.choice("甲乙乙丙丙丙丙") for _ in range(rows)]}
        | {"pay": [chance.choice("123") for _ in range(rows)]}
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("asked", "sensitive"),
    [
        (Asked(k=5), ()),
        (Asked(k=3, max_suppression=0.1), ()),
        (Asked(k=2, l=2, max_suppression=0.05), ("disease",)),
        (Asked(k=2, l=3, max_suppression=0.2), ("disease", "pay")),
        (Asked(k=2, t=0.25, max_suppression=0.05), ("disease",)),
    ],
    ids=["k", "k_suppressing", "l", "l_of_two", "t"],
)
def test_the_frontier_is_that_of_trying_every_node(
    seed: int, asked: Asked, sensitive: tuple[str, ...]
) -> None:
    frame = people(seed)

    found = search(base(frame, *city(ALL, sensitive)), asked, seconds=60)

    assert nodes(found) == minimal_nodes(frame, ALL, asked, sensitive)


def test_most_nodes_are_never_looked_at() -> None:
    found = search(base(people(1), *city(ALL)), Asked(k=5), seconds=60)

    assert found.lattice == 4 * 5 * 2 * 3
    assert found.checked < found.lattice / 2


def test_a_node_tells_what_it_reaches_and_costs() -> None:
    frame = people(2)
    asked = Asked(k=3, l=2, max_suppression=0.1)
    found = search(base(frame, *city(ALL, ("disease",))), asked, seconds=60)
    rows = frame.select([*(each.id for each in ALL), "disease"]).rows()

    for node in found.nodes:
        bad, kept = suppressed(rows, told_by(ALL), node.levels, asked, 1)
        squares = sum(len(each) ** 2 for each in kept) + bad * len(rows)
        assert (node.suppressed, node.classes) == (bad, len(kept))
        assert node.k == min(map(len, kept))
        assert node.l == min(len({row[-1] for row in each}) for each in kept)
        assert node.distance == pytest.approx(farthest(rows, kept, 4))
        assert node.discernibility == pytest.approx(squares / len(rows))


def test_without_time_the_answer_says_that_it_is_not_whole() -> None:
    found = search(base(people(3), *city(ALL)), Asked(k=5), seconds=0)

    assert not found.complete


def test_a_table_without_rows_has_nothing_to_choose() -> None:
    assert search(base(people(3).clear(), *city(ALL)), Asked(k=5), seconds=9).nodes == ()


def test_dates_divisions_and_numbers_climb_without_a_file() -> None:
    dataset = a_dataset(
        fields=(
            a_field("born", type=FieldType.DATE, role=Role.QUASI),
            a_field("place", semantic=Semantic.DIVISION, role=Role.QUASI),
            a_field("home", semantic=Semantic.ADDRESS, role=Role.QUASI),
            a_field("pay", type=FieldType.INTEGER, role=Role.QUASI),
        )
    )
    con = duckdb.connect()
    rows = (
        "select date '1980-01-01' + (i * 37 % 9000)::int as born, '6101' || (10 + i % 9) as place, "
        "'陕西省西安市雁塔区科技路' || i || '号' as home, i * 9 as pay from range(500) t(i)"
    )

    made = base_of(con, rows, a_catalog(dataset), dataset)

    assert [[rung.title for rung in each.rungs] for each in made.ladders] == [
        ["原值", "月", "年", "五年", "十年", "不开放"],
        ["原值", "区划地市", "区划省份", "不开放"],
        ["区县", "地市", "省份", "不开放"],
        ["原值", "每100一段", "每500一段", "每1000一段", "不开放"],
    ]
    assert [each.sizes for each in made.steps] == [
        (500, 296, 25, 5, 3, 1),
        (9, 1, 1, 1),
        (1, 1, 1, 1),
        (500, 45, 9, 5, 1),
    ]


def test_missing_values_are_a_value_and_unknown_ones_are_told_as_nothing() -> None:
    frame = pl.DataFrame({"sex": ["m", "m", "f", "f", None, None, "x", "x"]})
    found = search(base(frame, *city((SEX,))), Asked(k=2), seconds=9)

    assert nodes(found) == {(0,)}
    assert found.nodes[0].classes == 4


# --- the public benchmark of ARX, where it is at hand


def adult(names: Sequence[str]) -> tuple[pl.DataFrame, list[Hierarchy]]:
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not here: the Adult benchmark was not compared")
    frame = pl.read_csv(SHARED / "adult.csv", separator=";", infer_schema=False)
    files = {each: (SHARED / f"adult_hierarchy_{each}.csv").read_text() for each in names}
    safe = {each: each.replace("-", "_") for each in names}
    return frame.rename(safe, strict=False), [
        a_hierarchy(safe[name], text.splitlines()) for name, text in files.items()
    ]


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (("sex", "age", "race"), Asked(k=5)),
        (("age", "education", "marital-status"), Asked(k=10, max_suppression=0.02)),
        (("sex", "race", "workclass", "native-country"), Asked(k=5, max_suppression=0.01)),
    ],
    ids=["three", "suppressing", "four"],
)
def test_the_hierarchies_of_adult_have_the_minimal_solutions_of_an_oracle(
    names: tuple[str, ...], asked: Asked
) -> None:
    frame, hierarchies = adult(names)

    found = search(base(frame, *city(hierarchies)), asked, seconds=120)

    assert nodes(found) == minimal_nodes(frame, hierarchies, asked, ())


def test_all_of_adult_is_searched_with_every_quasi_identifier() -> None:
    names = ("sex", "age", "race", "marital-status", "education", "native-country", "workclass")
    frame, hierarchies = adult((*names, "occupation"))
    frame = frame.rename({"salary-class": "salary"})
    asked = Asked(k=5, l=2, max_suppression=0.02)

    found = search(base(frame, *city(hierarchies, ("salary",))), asked, seconds=120)

    assert found.complete
    assert all(_holds(each, asked, found.rows) for each in found.nodes)
    assert found.lattice == 2 * 5 * 2 * 3 * 4 * 3 * 3 * 3


def _holds(node: Node, asked: Asked, rows: int) -> bool:
    enough = (node.k or 0) >= asked.k and (node.l or 0) >= asked.l
    return enough and node.suppressed <= asked.max_suppression * rows
