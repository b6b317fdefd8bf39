"""One job and one schedule a cadence, derived from the declared update frequencies.

A tick probes first and asks for a run of what has changed, and of nothing else: unchanged datasets
leave no event behind.
"""

from collections.abc import Mapping
from contextlib import closing
from typing import get_args

import dagster as dg

from assets.checks import tell_changed
from assets.collected import is_collected
from assets.factory import IF_CHANGED
from assets.keys import Layer, asset_key
from assets.linkage import link_store
from assets.probe import changed_datasets
from assets.purging import purge
from assets.rejudged import verdicts_now
from assets.reports import are_current, write_reports
from assets.resemblance import find_resemblances
from assets.workshop import Workshop
from opendata.catalog import Catalog, Dataset
from opendata.frequency import CRON, Cadence, cadence

EVERYTHING = "everything"
NIGHTLY = "nightly"
_WORDS: Mapping[Cadence, str] = {
    "hourly": "每小时",
    "daily": "每日",
    "weekly": "每周",
    "monthly": "每月",
}


def by_cadence(catalog: Catalog) -> Mapping[Cadence, tuple[Dataset, ...]]:
    """Datasets by how often a run should look at their sources."""
    grouped: dict[Cadence, list[Dataset]] = {each: [] for each in get_args(Cadence)}
    for dataset in catalog.in_reading_order:
        grouped[cadence(dataset.update_frequency)].append(dataset)
    return {each: tuple(members) for each, members in grouped.items() if members}


def selection(datasets: tuple[Dataset, ...]) -> list[dg.AssetKey]:
    """Every layer of these datasets."""
    return [asset_key(dataset, layer) for dataset in datasets for layer in Layer]


def timetable(workshop: Workshop) -> dg.Definitions:
    """A job over everything, and for each cadence in use a job with its schedule."""
    everything = dg.define_asset_job(EVERYTHING, description="全部数据集")
    groups = by_cadence(workshop.catalog)
    return dg.Definitions.merge(
        dg.Definitions(jobs=[everything]),
        *(_timed(workshop, each, members) for each, members in groups.items()),
        _nightly(workshop),
    )


def _timed(workshop: Workshop, each: Cadence, members: tuple[Dataset, ...]) -> dg.Definitions:
    job = dg.define_asset_job(
        f"{each}_datasets",
        selection=selection(members),
        description=f"{_WORDS[each]}检查来源是否更新的 {len(members)} 个数据集",
    )

    @dg.schedule(
        name=f"{each}_schedule",
        job=job,
        cron_schedule=CRON[each],
        execution_timezone=workshop.settings.timezone,
    )
    def tick() -> dg.RunRequest | dg.SkipReason:
        # NOTE: a workshop remembers what it saw in the inbox, and this process lives for weeks.
        with closing(workshop.looking_again()) as now:
            changed = {each.id for each in changed_datasets(now, members)}
        # What lies elsewhere is only read by the run itself: reading may take longer than a tick.
        wanted = tuple(each for each in members if each.id in changed or is_collected(each))
        if not wanted:
            return dg.SkipReason(f"{len(members)} 个数据集的来源均未变化")
        return dg.RunRequest(asset_selection=selection(wanted), tags={IF_CHANGED: "true"})

    return dg.Definitions(jobs=[job], schedules=[tick])


def _nightly(workshop: Workshop) -> dg.Definitions:
    """What looks at everything at once, after the night's runs."""

    @dg.op(description="到期清除归集文件中未登记的列（仅限法规禁止收集时）")
    def purge_unlisted() -> None:
        with closing(workshop.looking_again()) as now:
            purge(now)

    # NOTE: waits for neither of the others, so that what is late is told though they fail.
    @dg.op(description="按当日重新判定每个数据集是否按时更新，结论有变化的告知")
    def judge_again(context: dg.OpExecutionContext) -> None:
        with closing(workshop.looking_again()) as now:
            with now.home.working():
                told = tell_changed(context.instance, verdicts_now(now))
            context.log.info(f"{told} 个数据集的更新情况有变化")
            if not are_current(now):
                write_reports(now)

    @dg.op(description="比对全部数据集，查找未登记的重复", ins={"after": dg.In(dg.Nothing)})
    def compare_all() -> None:
        with closing(workshop.looking_again()) as now:
            find_resemblances(now)
            write_reports(now)

    @dg.op(
        description="将已开放的数据互相关联，并与上一版本对照，查找可识别特定个人的关联",
        ins={"after": dg.In(dg.Nothing)},
    )
    def link_all() -> None:
        with closing(workshop.looking_again()) as now:
            link_store(now)
            write_reports(now)

    @dg.job(
        name=NIGHTLY,
        description="每夜重新判定更新情况，清除到期的未登记列，比对全部数据集，并查找汇聚关联风险",
    )
    def nightly() -> None:
        judge_again()
        link_all(after=compare_all(after=purge_unlisted()))

    at_night = dg.ScheduleDefinition(
        name=f"{NIGHTLY}_schedule",
        job=nightly,
        cron_schedule="0 4 * * *",
        execution_timezone=workshop.settings.timezone,
    )
    return dg.Definitions(jobs=[nightly], schedules=[at_night])
