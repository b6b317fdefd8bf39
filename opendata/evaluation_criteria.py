"""What is evaluated each year: the texts' own words, and the measures that serve each of them.

A criterion is added here when a regulation asks for one more thing to be evaluated; a measure when
the record or the catalog can tell one more number. Counting is ``evaluation.py``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opendata.law import clause
from opendata.vocabulary import Dimension


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of the sheet: its title, its unit and how it is counted (all Chinese)."""

    id: str
    title: str
    unit: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What a text has evaluated: its words, the measures that serve it, what is left to fill in.

    ``clause`` is None for what no text asks for (本市规则).
    """

    title: str
    clause: str | None
    measures: tuple[str, ...]
    to_fill: tuple[str, ...] = ()

    @property
    def citation(self) -> str:
        """The article, or that there is none."""
        return clause(self.clause).citation if self.clause else "〔本市规则〕"

    @property
    def quote(self) -> str:
        """The phrase, verbatim; empty where there is none."""
        return clause(self.clause).quote if self.clause else ""


_PRESENT = "年末（本年为判定日）时点数，由目录与开放库统计"
_DIMENSIONS = tuple(
    Measure(
        id=each.code,
        title=f"{each.value}得分",
        unit="分",
        how="各数据集本年最后一次校核得分的平均数",
    )
    for each in Dimension
)
MEASURES: Mapping[str, Measure] = {
    each.id: each
    for each in (
        Measure(id="listed", title="目录列为开放的数据集", unit="个", how=_PRESENT),
        Measure(id="open", title="有开放版本的数据集", unit="个", how=_PRESENT),
        Measure(id="unopened", title="应开放未开放的数据集", unit="个", how=_PRESENT),
        Measure(id="overdue", title="更新逾期的数据集", unit="个", how=_PRESENT),
        Measure(id="shared", title="登记为共享获取的数据集", unit="个", how=_PRESENT),
        Measure(id="opened", title="本年开放过新版本的数据集", unit="个", how="处理记录：开放"),
        Measure(id="versions", title="本年开放的版本", unit="版", how="处理记录：开放"),
        Measure(id="received", title="本年归集", unit="次", how="处理记录：归集"),
        Measure(id="judged", title="本年质量校核", unit="次", how="处理记录：质量校核"),
        Measure(
            id="score", title="质量得分", unit="分", how="各数据集本年最后一次校核得分的平均数"
        ),
        *_DIMENSIONS,
        Measure(
            id="problems",
            title="问题数据占比",
            unit="%",
            how="各数据集本年最后一次校核的问题数据条数除以总条数",
        ),
        Measure(
            id="on_time", title="按时更新率", unit="%", how="校核时未逾期的次数除以能判断时效的次数"
        ),
        Measure(
            id="refused",
            title="被暂缓开放的数据集",
            unit="个",
            how="处理记录：不予通过、暂缓开放；列为不予开放的不计",
        ),
        Measure(id="failed", title="处理失败", unit="次", how="处理记录：处理失败"),
        Measure(id="suspended", title="中止开放", unit="次", how="处理记录：中止"),
        Measure(
            id="restore_hours", title="中止至恢复平均用时", unit="小时", how="处理记录：中止、恢复"
        ),
        Measure(id="withdrawn", title="撤回", unit="次", how="处理记录：撤回"),
        Measure(
            id="exceptions",
            title="例外处理（经批准）",
            unit="次",
            how="处理记录：例外处理（经批准）",
        ),
    )
}
_QUANTITY = ("listed", "open", "unopened", "opened", "versions")
_QUALITY = ("score", *(each.id for each in _DIMENSIONS), "problems")
_RUNNING = ("on_time", "overdue", "received", "failed", "refused")
_HANDLING = ("suspended", "restore_hours", "withdrawn", "exceptions")
_CRITERIA: Mapping[str, tuple[Criterion, ...]] = {
    "chongqing-open": (
        Criterion(
            title="公共数据开放情况",
            clause="chongqing-open/40",
            measures=(*_QUANTITY, *_QUALITY, *_RUNNING, *_HANDLING),
        ),
        Criterion(
            title="公共数据利用情况",
            clause="chongqing-open/40",
            measures=(),
            to_fill=("下载量", "接口调用量", "利用数据的应用和成果", "评价结论"),
        ),
    ),
    "xian-share-2018": (
        Criterion(
            title="提供和使用共享数据情况",
            clause="xian-share-2018/38",
            measures=("shared",),
            to_fill=("提供共享数据情况", "使用共享数据情况", "改进意见"),
        ),
        Criterion(
            title="本年度政务数据资源共享情况报告",
            clause="xian-share-2018/39",
            measures=("shared", "received", "judged"),
            to_fill=("本年度共享情况概述", "报送日期", "报送人"),
        ),
    ),
    "guangxi-open": (
        Criterion(title="公共数据开放质量", clause="guangxi-open/33", measures=_QUALITY),
        Criterion(
            title="调度管理效率",
            clause="guangxi-open/33",
            measures=(*_QUANTITY, *_RUNNING, *_HANDLING),
        ),
        Criterion(
            title="应用支撑能力",
            clause="guangxi-open/33",
            measures=(),
            to_fill=("支撑的应用", "下载量", "接口调用量"),
        ),
        Criterion(
            title="服务评价水平",
            clause="guangxi-open/33",
            measures=(),
            to_fill=("数据使用主体的在线评价", "意见建议办理情况"),
        ),
    ),
    "guangzhou-open-2022": (
        Criterion(
            title="年度开放计划及管理制度的执行情况",
            clause="guangzhou-open-2022/28.p3",
            measures=("opened", *_HANDLING),
            to_fill=("计划开放的数据集", "按计划完成的数据集", "管理制度执行情况"),
        ),
        Criterion(title="公共数据开放数量", clause="guangzhou-open-2022/28.p3", measures=_QUANTITY),
        Criterion(
            title="公共数据开放质量",
            clause="guangzhou-open-2022/28.p3",
            measures=(*_QUALITY, *_RUNNING),
        ),
        Criterion(
            title="开放数据质量和利用主体评价的监测统计",
            clause="guangzhou-open-2022/28.p2",
            measures=("judged", "score"),
            to_fill=("数据利用主体的评价",),
        ),
        Criterion(
            title="本机构开放数据利用情况",
            clause="guangzhou-open-2022/28.p1",
            measures=(),
            to_fill=("利用情况评估分析",),
        ),
    ),
}
_OWN = Criterion(
    title="开放工作情况（所适用的规定没有规定年度评价）",
    clause=None,
    measures=(*_QUANTITY, *_QUALITY, *_RUNNING, *_HANDLING),
)


def criteria_for(regime_ids: Iterable[str]) -> tuple[Criterion, ...]:
    """What the regulations of a home have evaluated; the counts alone where none of them does."""
    return tuple(one for each in regime_ids for one in _CRITERIA.get(each, ())) or (_OWN,)
