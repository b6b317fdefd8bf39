"""Asset keys, owners, groups and check names of a dataset: ``body/dataset/layer`` (all ASCII).

The one place where a catalog entry becomes Dagster's identifiers.
"""

from enum import Enum

import dagster as dg

from opendata.catalog import Catalog, Dataset


class Layer(Enum):
    """The three layers a dataset passes through."""

    LANDED = "landed"
    STANDARDISED = "standardised"
    RELEASED = "released"


CHECKS = {"quality": Layer.STANDARDISED, "freshness": Layer.STANDARDISED, "gate": Layer.RELEASED}
_KINDS = {
    Layer.LANDED: {"file"},
    Layer.STANDARDISED: {"duckdb", "parquet"},
    Layer.RELEASED: {"parquet"},
}
_WORDS = {
    Layer.LANDED: "归集原始文件",
    Layer.STANDARDISED: "治理并校核",
    Layer.RELEASED: "脱敏后开放",
}


def asset_key(dataset: Dataset, layer: Layer) -> dg.AssetKey:
    """``body/dataset/layer``."""
    return dg.AssetKey([dataset.body, dataset.id, layer.value])


def asset_specs(catalog: Catalog, dataset: Dataset) -> list[dg.AssetSpec]:
    """The dataset's three assets, each reading the one before, standardised also its inputs."""
    inputs = [asset_key(catalog.dataset(each), Layer.STANDARDISED) for each in dataset.reads]
    deps = {
        Layer.LANDED: [],
        Layer.STANDARDISED: [asset_key(dataset, Layer.LANDED), *inputs],
        Layer.RELEASED: [asset_key(dataset, Layer.STANDARDISED)],
    }
    return [_spec(catalog, dataset, layer, deps[layer]) for layer in Layer]


def _spec(
    catalog: Catalog, dataset: Dataset, layer: Layer, deps: list[dg.AssetKey]
) -> dg.AssetSpec:
    return dg.AssetSpec(
        asset_key(dataset, layer),
        deps=deps,
        group_name=dataset.body,
        description=f"{dataset.title}·{_WORDS[layer]}\n\n{dataset.summary or ''}",
        owners=[f"team:{catalog.body(dataset.body).title}"],
        kinds=_KINDS[layer],
        code_version=dataset.fingerprint[:12],
        tags={"openness": dataset.openness.code if dataset.openness else "undecided"},
    )


def check_specs(dataset: Dataset) -> list[dg.AssetCheckSpec]:
    """Three checks a dataset: quality and freshness of what is standardised, gate of what opens."""
    return [
        dg.AssetCheckSpec(name, asset=asset_key(dataset, layer), description=_CHECK_WORDS[name])
        for name, layer in CHECKS.items()
    ]


_CHECK_WORDS = {
    "quality": "六个质量维度（GB/T 36344）",
    "freshness": "按目录标注的更新频率判断是否逾期",
    "gate": "开放前的审查规则",
}
