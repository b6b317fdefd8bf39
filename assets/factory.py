"""The factory: a catalog becomes Dagster assets, one ``multi_asset`` a body.

Datasets that read each other across bodies get a ``multi_asset`` of their own each: Dagster fails
and skips whole steps, and neither a withheld nor a crashed dataset may stop anybody but those that
read it. Bodies hold no logic: the journey does the work, ``checks.py`` words it.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from assets.checks import column_metadata, gate_result, judged_results
from assets.dossier import Dossier
from assets.journey import hold_readers, journey
from assets.keys import Layer, asset_key, asset_specs, check_specs
from assets.landed import Landed
from assets.probe import as_they_were
from assets.receipts import write_receipts
from assets.standardised import Standardised
from assets.workshop import Workshop
from opendata.agreement import precedence
from opendata.catalog import Catalog, Dataset
from opendata.lineage import released_lineage

IF_CHANGED = "opendata/if_changed"
"""The tag of a run that is to leave alone what turns out as it was."""

Yielded = dg.MaterializeResult[None] | dg.AssetCheckResult


def build_assets(catalog: Catalog) -> list[dg.AssetsDefinition]:
    """Every dataset's three assets and three checks."""
    rank = precedence(catalog)
    return [
        _multi_asset(catalog, name, members, priority=max(rank[each.id] for each in members))
        for name, members in buckets(catalog).items()
    ]


def buckets(catalog: Catalog) -> dict[str, tuple[Dataset, ...]]:
    """Datasets by the step they run in: their body's, or one of their own, in reading order."""
    alone = _across_bodies(catalog)
    grouped: dict[str, list[Dataset]] = {}
    rank = precedence(catalog)
    for dataset in sorted(catalog.in_reading_order, key=lambda each: -rank[each.id]):
        name = f"{dataset.body}__{dataset.id}" if dataset.id in alone else dataset.body
        grouped.setdefault(name, []).append(dataset)
    return {name: tuple(members) for name, members in grouped.items()}


def _across_bodies(catalog: Catalog) -> set[str]:
    """Datasets connected by reading, however distantly, with some of another body."""
    families: list[set[str]] = []
    for dataset in catalog.datasets:
        if dataset.reads:
            family = {dataset.id, *dataset.reads}
            touching = [each for each in families if each & family]
            families = [each for each in families if each not in touching]
            families.append(family.union(*touching))
    return {
        each
        for family in families
        if len({catalog.dataset(member).body for member in family}) > 1
        for each in family
    }


def _multi_asset(
    catalog: Catalog, name: str, members: Sequence[Dataset], *, priority: int
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=name,
        specs=[spec for each in members for spec in asset_specs(catalog, each)],
        check_specs=[spec for each in members for spec in check_specs(each)],
        can_subset=True,
        op_tags={"dagster/priority": str(priority)},
    )
    def body(
        context: dg.AssetExecutionContext, workshop: dg.ResourceParam[Workshop]
    ) -> Iterator[Yielded]:
        yield from _process(context, workshop.serving(context.run.run_id), members)

    return body


def _process(
    context: dg.AssetExecutionContext, workshop: Workshop, members: Sequence[Dataset]
) -> Iterator[Yielded]:
    checks = context.selected_asset_check_keys
    keys = (*context.selected_asset_keys, *(each.asset_key for each in checks))
    wanted = {key.path[1] for key in keys}
    crashed: dict[str, str] = {}
    stopped: set[str] = set()
    with workshop.home.working():
        if IF_CHANGED in context.run.tags:
            asked = (each for each in members if each.id in wanted)
            wanted -= as_they_were(workshop, asked)
        for dataset in members:
            if dataset.id in wanted - stopped:
                made = yield from _passage(context, workshop, dataset, crashed)
                if dataset.id in crashed:
                    stopped |= {each.id for each in workshop.catalog.readers_of(dataset.id)}
                elif not made:
                    hold_readers(workshop, dataset, besides=members)
        write_receipts(workshop, wanted)
    if crashed:
        told = ", ".join(f"{dataset_id} ({kind})" for dataset_id, kind in crashed.items())
        raise dg.Failure(f"crashed, see the processing record: {told}")


def _last_layer(context: dg.AssetExecutionContext, dataset: Dataset) -> Layer:
    """How far the run asked to go: what was not selected to be released is not released."""
    checks = {key.name: key.asset_key for key in context.selected_asset_check_keys}
    keys = {*context.selected_asset_keys, *checks.values()}
    return [layer for layer in Layer if asset_key(dataset, layer) in keys][-1]


def _asked_for(context: dg.AssetExecutionContext, results: Iterator[Yielded]) -> Iterator[Yielded]:
    """What the run selected; earlier layers it did not select are only noted."""
    for each in results:
        if each.asset_key is None or _is_selected(context, each, each.asset_key):
            yield each
        elif isinstance(each, dg.MaterializeResult):
            noted = dg.AssetMaterialization(asset_key=each.asset_key, metadata=each.metadata)
            context.log_event(noted)


def _is_selected(
    context: dg.AssetExecutionContext, result: Yielded, asset_key: dg.AssetKey
) -> bool:
    if isinstance(result, dg.AssetCheckResult):
        check = dg.AssetCheckKey(asset_key, result.check_name or "")
        return check in context.selected_asset_check_keys
    return asset_key in context.selected_asset_keys


def _passage(
    context: dg.AssetExecutionContext,
    workshop: Workshop,
    dataset: Dataset,
    crashed: dict[str, str],
) -> Generator[Yielded, None, bool]:
    """Yield what the journey makes; whether that is anything for others to read."""
    made = False
    last = _ENDS[_last_layer(context, dataset)]
    try:
        for stage in journey(workshop, dataset):
            made = made or isinstance(stage, Standardised)
            yield from _asked_for(context, _yielded(workshop, dataset, stage))
            if isinstance(stage, last):
                break
    except Exception as crash:  # a crash must not stop the neighbours; it fails the run at its end
        crashed[dataset.id] = type(crash).__name__
        workshop.report_crash(dataset.id, crash)
    return made


_ENDS: Mapping[Layer, type[Landed | Standardised | Dossier]] = {
    Layer.LANDED: Landed,
    Layer.STANDARDISED: Standardised,
    Layer.RELEASED: Dossier,
}


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
        yield from judged_results(dataset, stage.quality, stage.freshness)
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
    yield from gate_result(dataset, dossier)


def _materialised(
    dataset: Dataset, layer: Layer, content_hash: str, metadata: dict[str, Any]
) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        asset_key=asset_key(dataset, layer),
        data_version=dg.DataVersion(content_hash[:64]),
        metadata={key: value for key, value in metadata.items() if value is not None},
    )
