"""The factory: a catalog becomes Dagster assets, one ``multi_asset`` a body.

A dataset that reads another body's data, or reads such a dataset, gets a ``multi_asset`` of its
own: Dagster skips a whole step for one missing input, and a withheld dataset must not stop its
neighbours. Bodies hold no logic: the journey does the work, ``checks.py`` words it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from assets.checks import check_results, column_metadata
from assets.dossier import Dossier
from assets.journey import journey
from assets.keys import Layer, asset_key, asset_specs, check_specs
from assets.landed import Landed
from assets.standardised import Standardised
from assets.workshop import Workshop
from opendata.catalog import Catalog, Dataset
from opendata.lineage import released_lineage

Yielded = dg.MaterializeResult[None] | dg.AssetCheckResult


def build_assets(catalog: Catalog) -> list[dg.AssetsDefinition]:
    """Every dataset's three assets and three checks."""
    return [_multi_asset(catalog, name, members) for name, members in buckets(catalog).items()]


def buckets(catalog: Catalog) -> dict[str, tuple[Dataset, ...]]:
    """Datasets by the step they run in: their body's, or one of their own, in reading order."""
    alone: set[str] = set()
    grouped: dict[str, list[Dataset]] = {}
    for dataset in catalog.in_reading_order:
        reads = [catalog.dataset(each) for each in dataset.reads]
        if any(each.body != dataset.body or each.id in alone for each in reads):
            alone.add(dataset.id)
        name = f"{dataset.body}__{dataset.id}" if dataset.id in alone else dataset.body
        grouped.setdefault(name, []).append(dataset)
    return {name: tuple(members) for name, members in grouped.items()}


def _multi_asset(catalog: Catalog, name: str, members: Sequence[Dataset]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=name,
        specs=[spec for each in members for spec in asset_specs(catalog, each)],
        check_specs=[spec for each in members for spec in check_specs(each)],
        can_subset=True,
    )
    def body(
        context: dg.AssetExecutionContext, workshop: dg.ResourceParam[Workshop]
    ) -> Iterator[Yielded]:
        yield from _process(context, workshop.serving(context.run_id), members)

    return body


def _process(
    context: dg.AssetExecutionContext, workshop: Workshop, members: Sequence[Dataset]
) -> Iterator[Yielded]:
    wanted = {key.path[1] for key in context.selected_asset_keys}
    crashed: list[str] = []
    with workshop.home.working():
        for dataset in members:
            if dataset.id in wanted:
                yield from _passage(workshop, dataset, crashed)
    if crashed:
        raise dg.Failure(f"crashed, see the log of the command: {', '.join(crashed)}")


def _passage(workshop: Workshop, dataset: Dataset, crashed: list[str]) -> Iterator[Yielded]:
    try:
        for stage in journey(workshop, dataset):
            yield from _yielded(workshop, dataset, stage)
    except Exception as crash:  # a crash must not stop the neighbours; it fails the run at its end
        crashed.append(f"{dataset.id} ({type(crash).__name__})")
        workshop.report_crash(dataset.id, crash)


def _yielded(
    workshop: Workshop, dataset: Dataset, stage: Landed | Standardised | Dossier
) -> Iterator[Yielded]:
    if isinstance(stage, Landed):
        hashes: dict[str, Any] = dict(stage.hashes)
        yield _materialised(dataset, Layer.LANDED, "+".join(hashes.values()), hashes)
        return
    if isinstance(stage, Standardised):
        columns = column_metadata(workshop.catalog, dataset, Layer.STANDARDISED, stage.lineage)
        counts = {"dagster/row_count": stage.quality.rows, "clean": stage.quality.clean}
        yield _materialised(dataset, Layer.STANDARDISED, stage.sha256, {**columns, **counts})
        return
    yield from _concluded(workshop, dataset, stage)


def _concluded(workshop: Workshop, dataset: Dataset, dossier: Dossier) -> Iterator[Yielded]:
    if dossier.released_sha256:
        columns = column_metadata(
            workshop.catalog, dataset, Layer.RELEASED, released_lineage(dataset)
        )
        facts = {
            "dagster/row_count": dossier.outcome.rows_released,
            "version": dossier.outcome.version,
            "record_seq": dossier.record_seq,
        }
        yield _materialised(dataset, Layer.RELEASED, dossier.released_sha256, {**columns, **facts})
    yield from check_results(dataset, dossier)


def _materialised(
    dataset: Dataset, layer: Layer, content_hash: str, metadata: dict[str, Any]
) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        asset_key=asset_key(dataset, layer),
        data_version=dg.DataVersion(content_hash[:64]),
        metadata={key: value for key, value in metadata.items() if value is not None},
    )
