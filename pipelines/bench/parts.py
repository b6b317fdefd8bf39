"""The pure parts of the product, each called often enough to be told: CPU seconds, the median."""

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure

ROUNDS = 5
DEADLINES = 1_000_000
_RULES = 100
_COLUMNS = 200
_LISTED = 100_000


def parts_figures(folder: Path) -> Iterator[Figure]:
    """What every run, every page and every model pays for; imports are not in it."""
    known = (
        (limits.REGIMES, _regimes(), "all five regulations, read and checked"),
        (limits.LINEAGE, _lineage(), f"{_COLUMNS} columns through five layers of one model"),
        (limits.DEADLINES, _deadlines(), f"{DEADLINES:,} deadlines in working days"),
        (limits.PAGE, _page(), f"a version's page with {_RULES} rules"),
        (limits.AUDIT, _audit(folder), f"a catalogue list of {_LISTED:,} datasets audited"),
    )
    for bar, work, detail in known:
        work()  # what only the first call pays, such as compiling templates, is not asked about
        spent = [_cpu(work) for _ in range(ROUNDS)]
        yield figure(bar, median(spent), f"{detail}, {ROUNDS} rounds")


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _regimes() -> Callable[[], object]:
    from opendata.profiles import load_profile
    from opendata.settings import KNOWN_REGIMES

    def work() -> None:
        load_profile.cache_clear()
        for each in KNOWN_REGIMES:
            load_profile(each)

    return work


def _lineage() -> Callable[[], object]:
    import sqlglot

    from dbt_like_sql.lineage import DIALECT, Relation, lineage_of, qualified

    names = tuple(f"c{place}" for place in range(_COLUMNS))
    relations = (Relation(name="w", upstream="source:w", columns=names),)
    layers = ", ".join(f"l{depth} as (select * from l{depth - 1})" for depth in range(1, 5))
    columns = ", ".join(names)
    sql = f"with l0 as (select {columns} from w), {layers} select {columns} from l4"

    def work() -> None:
        lineage_of(qualified(sqlglot.parse_one(sql, read=DIALECT), relations), relations)

    return work


def _deadlines() -> Callable[[], object]:
    from opendata.workdays import Calendar

    calendar = Calendar.load("cn")
    first, last = date(2005, 1, 1), date(2024, 12, 31)
    starts = [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def work() -> None:
        for n in range(DEADLINES // len(starts)):
            for start in starts:
                calendar.add_workdays(start, n)

    return work


def _page() -> Callable[[], object]:
    from opendata.pages.render import version_page
    from pipelines.bench.views import version_view

    view = version_view(rules=_RULES)
    return lambda: version_page(view)


def _audit(folder: Path) -> Callable[[], object]:
    from pipelines.auditing import audit_lists

    words = ("每日", "每周", "每月", "每季度", "每年", "不定期")
    first = date(2023, 1, 1)
    path = folder / "list.csv"
    with path.open("w", encoding="utf-8") as listed:
        listed.write("目录名称,更新频率,更新日期,提供单位\n")
        for n in range(_LISTED):
            day = first + timedelta(days=n % 900)
            listed.write(f"第{n}号目录,{words[n % 6]},{day.isoformat()},第{n % 60}局\n")
    given = {"as_of": None, "updated": None, "csv": None, "html": None}
    return lambda: audit_lists([path], **given)
