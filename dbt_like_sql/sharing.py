"""Where data acquired by sharing (共享获取) goes: the paths a gate shows to whoever decides.

Shared data is not the body's own to open (CQ14, XS22). Treatments do not clean it: a model reads
the standardised layer, so what matters is lineage, not what each upstream releases.
"""

from collections.abc import Iterator, Mapping

from dbt_like_sql.project import Project
from opendata.agreement import taken_edges
from opendata.catalog import Catalog, Dataset
from opendata.lineage import ColumnEdge
from opendata.vocabulary import Acquired

STEERING_ONLY = "（仅用于筛选或关联）"

_Steps = tuple[str, ...]
_Taints = dict[str, tuple[bool, _Steps]]
"""For one column, by origin: whether it only steers, and the steps from the origin to here."""


def shared_paths(catalog: Catalog, project: Project) -> Mapping[str, tuple[str, ...]]:
    """For each dataset, how columns acquired by sharing reach what it releases.

    They do through ``ref()`` and where an authority's values are taken (以数源为准).
    A path by value ends at a released column (``credit.grade -> permits.grade``); an origin that
    only filters or joins ends at the dataset and says so, and so does a shared dataset of which a
    model reads no column: how many rows it has decides how many come out. Datasets without any path
    map to ``()``.
    """
    taints = {
        dataset.id: {each.name: _own(dataset, each.name) for each in dataset.fields}
        for dataset in catalog.datasets
    }
    edges = {each.id: _edges(catalog, project, each) for each in catalog.in_reading_order}
    # One round follows what is read; authorities may be read in any order, or in a circle.
    while sum(_inherit(each, edges[each], taints) for each in edges):
        pass
    rows = _rows(catalog)
    return {each.id: _paths(each, taints[each.id], rows[each.id]) for each in catalog.datasets}


def _rows(catalog: Catalog) -> dict[str, dict[str, _Steps]]:
    """For each dataset, the shared datasets whose rows it reads, each by the shortest way."""
    rows: dict[str, dict[str, _Steps]] = {}
    for dataset in catalog.in_reading_order:
        shared = dataset.acquired is Acquired.SHARED and any(
            _own(dataset, each.name) for each in dataset.fields
        )
        found: dict[str, _Steps] = {dataset.id: (dataset.id,)} if shared else {}
        for origin, steps in (each for one in dataset.reads for each in rows[one].items()):
            way = (*steps, dataset.id)
            found[origin] = min(found.get(origin, way), way, key=lambda each: (len(each), each))
        rows[dataset.id] = found
    return rows


def _edges(catalog: Catalog, project: Project, dataset: Dataset) -> tuple[ColumnEdge, ...]:
    written = project.model(dataset.id).lineage.edges if dataset.id in project.written else ()
    return (*written, *taken_edges(catalog, dataset))


def _own(dataset: Dataset, column: str) -> _Taints:
    acquired = dataset.field(column).acquired or dataset.acquired
    origin = f"{dataset.id}.{column}"
    return {origin: (False, (origin,))} if acquired is Acquired.SHARED else {}


def _inherit(
    dataset_id: str, edges: tuple[ColumnEdge, ...], taints: dict[str, dict[str, _Taints]]
) -> bool:
    """Carry what reaches the upstreams on to the dataset's columns; whether that was any news."""
    news = False
    for edge in edges:
        column = taints[dataset_id][edge.column]
        reached = taints.get(edge.upstream, {}).get(edge.upstream_column, {})
        for origin, (steers, steps) in tuple(reached.items()):
            path = (steers or not edge.direct, (*steps, f"{dataset_id}.{edge.column}"))
            if origin not in column or _preference(path) < _preference(column[origin]):
                column[origin] = path
                news = True
    return news


def _preference(path: tuple[bool, _Steps]) -> tuple[bool, int, _Steps]:
    steers, steps = path
    return steers, len(steps), steps


def _paths(
    dataset: Dataset, taints: dict[str, _Taints], rows: dict[str, _Steps]
) -> tuple[str, ...]:
    found = list(_released(dataset, taints))
    seen = {origin.partition(".")[0] for origin, _, _ in found}
    unseen = {each: steps for each, steps in rows.items() if each not in seen and len(steps) > 1}
    by_value = {origin for origin, steers, _ in found if not steers}
    direct = {" -> ".join(steps) for _, steers, steps in found if not steers}
    steering = {
        " -> ".join((*steps[:-1], dataset.id)) + STEERING_ONLY
        for origin, steers, steps in _shortest(found)
        if steers and origin not in by_value
    } | {" -> ".join(steps) + STEERING_ONLY for steps in unseen.values()}
    return (*sorted(direct), *sorted(steering))


def _released(dataset: Dataset, taints: dict[str, _Taints]) -> Iterator[tuple[str, bool, _Steps]]:
    for each in dataset.released_fields:
        for origin, (steers, steps) in taints[each.name].items():
            if len(steps) > 1:
                yield origin, steers, steps


def _shortest(found: list[tuple[str, bool, _Steps]]) -> list[tuple[str, bool, _Steps]]:
    """One steering path an origin: the others differ only in the column they end at."""
    best: dict[str, tuple[str, bool, _Steps]] = {}
    for path in sorted(found, key=lambda each: (each[1], len(each[2]), each[2])):
        best.setdefault(path[0], path)
    return list(best.values())
