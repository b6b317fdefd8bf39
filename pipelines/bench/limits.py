"""The bars, and the figures measured against them as ``bench.json`` holds them."""

from dataclasses import dataclass

COLUMNS = {
    "编号": "BIGINT",
    "身份证号": "VARCHAR",
    "姓名": "VARCHAR",
    "手机号": "VARCHAR",
    "信用代码": "VARCHAR",
    "区县": "VARCHAR",
    "地址": "VARCHAR",
    "登记日期": "DATE",
    "更新时间": "TIMESTAMP",
    "金额": "DOUBLE",
    "面积": "DOUBLE",
    "状态": "VARCHAR",
    "经度": "DOUBLE",
    "备注": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with its limit: it holds when the value is at most the limit."""

    name: str
    limit: float
    unit: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured bar, as it stands in ``bench.json``."""

    name: str
    value: float
    limit: float
    unit: str
    holds: bool
    detail: str


def figure(bar: Bar, value: float, detail: str) -> Figure:
    """The bar with what was measured."""
    return Figure(bar.name, round(value, 3), bar.limit, bar.unit, value <= bar.limit, detail)


DEMO_FIRST = Bar("demo_first_s", 90, "s")
DEMO_AGAIN = Bar("demo_again_s", 15, "s")
PATH_CPU = Bar("path_cpu_ratio_1e6", 5.0, "x bare COPY")
PATH_RSS = Bar("path_rss_mb_1e6", 1024, "MB")
INGEST_RSS = Bar("ingest_rss_mb_1e7", 1024, "MB")
INGEST_UTF8 = Bar("ingest_utf8_cpu_ratio", 2.0, "x bare COPY")
INGEST_GB18030 = Bar("ingest_gb18030_cpu_ratio", 1.25, "x our UTF-8")
INGEST_PG = Bar("ingest_pg_ratio", 1.3, "x the driver's Arrow read")
SILENTLY_WRONG = Bar("ingest_silently_wrong", 0, "files")
DRIFT_FOOTER = Bar("drift_footer_ms_1e7", 50, "ms")
DRIFT_CHURN = Bar("drift_churn_ratio_1e7", 1.5, "x a bare full join")
DUPLICATES = Bar("duplicates_1000_s", 60, "s")
REGIMES = Bar("regimes_load_s", 0.3, "CPU s")
LINEAGE = Bar("lineage_wide_s", 4, "CPU s")
DEADLINES = Bar("deadlines_1e6_s", 2.0, "CPU s")
PAGE = Bar("version_page_s", 0.2, "CPU s")
AUDIT = Bar("freshness_audit_1e5_s", 20, "CPU s")
QUALITY_NAIVE_1E6 = Bar("quality_vs_naive_1e6", 0.70, "x a plain query")
QUALITY_NAIVE_1E7 = Bar("quality_vs_naive_1e7", 0.70, "x a plain query")
QUALITY_GX = Bar("quality_vs_gx_1e6", 0.20, "x GX on pandas")
QUALITY_COLD = Bar("quality_cold_vs_gx", 0.125, "x GX on pandas")
QUALITY_RSS = Bar("quality_rss_mb_1e7", 1536, "MB")
QUALITY_DATAFRAMELY_1E6 = Bar("quality_vs_dataframely_1e6", 1.0, "x dataframely")
QUALITY_DATAFRAMELY_1E7 = Bar("quality_vs_dataframely_1e7", 1.0, "x dataframely")
QUALITY_RSS_DATAFRAMELY = Bar("quality_rss_vs_dataframely", 0.5, "x dataframely")
QUALITY_GX_MISMATCHES = Bar("quality_gx_mismatches", 0, "judgements")
K_L = Bar("k_l_1e7_s", 4, "s")
LATTICE = Bar("lattice_1e6_s", 15, "s")
LINKAGE = Bar("linkage_pair_s", 1, "s")
QUARANTINE = Bar("quarantine_overhead_ratio", 1.15, "x a plain COPY")
QUALITY_RUN = Bar("quality_run_overhead_s", 0.25, "CPU s")
CHECK_EVENTS = Bar("check_events_per_dataset", 3, "events a run")
MASK_CPU = Bar("mask_cpu_ratio_sm3", 2.2, "x bare COPY")
MASK_CPU_FEW = Bar("mask_cpu_ratio_sm3_5pct", 2.5, "x bare COPY")
MASK_VS_PRESIDIO = Bar("mask_vs_presidio", 0.04, "of the engine's CPU a row")
MISSED = Bar("detection_missed", 0, "of 378,000 checked numbers")
MISSED_CUED = Bar("detection_missed_cued", 1, "per 1,000 e-mails and mobiles")
SERIALS = Bar("detection_serials_false", 20, "per 1e6 serial numbers")
OVER_MASKED = Bar("detection_over_masked", 0, "rows of look-alikes")
SCAN_CLEAN = Bar("scan_cpu_ratio", 2.5, "x reading the columns")
SCAN_WORST = Bar("scan_cpu_ratio_worst", 6, "x reading the columns")
TEXT_HITS = Bar("text_rows_per_core_s", 5, "CPU us a row (5: 200,000 rows/s)")
TEXT_CLEAN = Bar("text_cpu_ratio_1pct", 2, "x reading and writing the column")
TEXT_VS_PRESIDIO = Bar("text_vs_presidio", 0.25, "of the engine's CPU a row")
