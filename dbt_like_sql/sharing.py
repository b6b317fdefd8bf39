"""Where data acquired by sharing (共享获取) goes: the paths a gate shows to whoever decides.

Shared data is not the body's own to open (CQ14, XS22). Treatments do not clean it: a model reads
the standardised layer, so what matters is lineage, not what each upstream releases.
"""

from collections.abc import Iterator, Mapping

from dbt_like_sql.project import Project
from opendata.catalog import Catalog, Dataset
from opendata.vocabulary import Acquired

STEERING_ONLY = "（仅用于筛选或关联）"

_Steps = tuple[str, ...]
_Taints = dict[str, tuple[bool, _Steps]]
"""For one column, by origin: whether it only steers, and the steps from the origin to here."""


def shared_paths(catalog: Catalog, project: Project) -> Mapping[str, tuple[str, ...]]:
    """For each dataset, how columns acquired by sharing reach what it releases through ``ref()``.

    A path by value ends at a released column (``credit.grade -> permits.grade``); an origin that
    only filters or joins ends at the dataset and says so. Datasets without any path map to ``()``.
    """
    taints: dict[str, dict[str, _Taints]] = {}
    for dataset in catalog.in_reading_order:
        taints[dataset.id] = {each.name: _own(dataset, each.name) for each in dataset.fields}
        if dataset.id in project.written:
            _inherit(dataset, project, taints)
    return {each.id: _paths(each, taints[each.id]) for each in catalog.datasets}


def _own(dataset: Dataset, column: str) -> _Taints:
    acquired = dataset.field(column).acquired or dataset.acquired
    origin = f"{dataset.id}.{column}"
    return {origin: (False, (origin,))} if acquired is Acquired.SHARED else {}


def _inherit(dataset: Dataset, project: Project, taints: dict[str, dict[str, _Taints]]) -> None:
    for edge in project.model(dataset.id).lineage.edges:
        reached = taints.get(edge.upstream, {}).get(edge.upstream_column, {})
        column = taints[dataset.id][edge.column]
        for origin, (steers, steps) in reached.items():
            path = (steers or not edge.direct, (*steps, f"{dataset.id}.{edge.column}"))
            column[origin] = min(column.get(origin, path), path, key=_preference)


def _preference(path: tuple[bool, _Steps]) -> tuple[bool, int, _Steps]:
    steers, steps = path
    return steers, len(steps), steps


def _paths(dataset: Dataset, taints: dict[str, _Taints]) -> tuple[str, ...]:
    found = list(_released(dataset, taints))
    by_value = {origin for origin, steers, _ in found if not steers}
    direct = {" -> ".join(steps) for _, steers, steps in found if not steers}
    steering = {
        " -> ".join((*steps[:-1], dataset.id)) + STEERING_ONLY
        for origin, steers, steps in _shortest(found)
        if steers and origin not in by_value
    }
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
