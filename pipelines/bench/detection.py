"""Detection at size: nothing missed, nothing over-masked, and what looking costs."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median

import duckdb
import polars as pl

from opendata.catalog import Dataset
from opendata.vocabulary import Semantic
from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure
from pipelines.bench.pii_corpus import (
    DIGITS,
    IDS,
    NEGATIVES,
    PLANTED,
    SPELLINGS,
    bank_card,
    citizen_id,
    credit_code,
    email,
    mobile,
)
from pipelines.bench.recall import mistaken, recall
from pipelines.bench.workloads import make_register

ROUNDS = 5
_ROWS = 1_000_000
_TEXTS = 200_000
_A_SPELLING = 7_000
_CODE_SPELLINGS = ("plain", "cjk_adjacent", "in_url", "full_width", "spaced", "zero_width", "lower")
_SERIALS = 1_000_000


def detection_figures(folder: Path) -> Iterator[Figure]:
    """Correctness by counting, speed as CPU ratios of interleaved rounds (medians)."""
    yield _missed()
    yield _missed_with_a_cue()
    yield _serials()
    yield _over_masked()
    register = make_register(folder, rows=_ROWS)
    yield from _scans(register, folder)
    yield from _texts(folder)


def _missed() -> Figure:
    """Citizen IDs and cards in fifteen spellings and more, enterprise codes in seven."""
    missed = planted = 0
    for each in (PLANTED[0], PLANTED[1], next(p for p in PLANTED if p.make is bank_card)):
        spellings = IDS if each.kind is Semantic.CITIZEN_ID else DIGITS
        for spelling in spellings:
            seen = recall(each, spelling, _A_SPELLING)
            planted, missed = planted + seen.planted, missed + seen.planted - seen.found
    codes, unseen = _missed_codes()
    detail = f"{planted:,} IDs and cards in {len(IDS)} spellings, {codes:,} credit codes"
    return figure(limits.MISSED, missed + unseen, detail)


def _missed_codes() -> tuple[int, int]:
    from resources.reading import skim
    from resources.recognisers_marks import credit_codes

    chance, missed = Random(7), 0  # noqa: S311 - a corpus, no secret
    for spelling in _CODE_SPELLINGS:
        write = SPELLINGS[spelling][1]
        for _ in range(_A_SPELLING):
            text = f"代码{write(credit_code(chance))}，存续"
            missed += not credit_codes(skim(text))
    return _A_SPELLING * len(_CODE_SPELLINGS), missed


def _missed_with_a_cue() -> Figure:
    planted = found = 0
    for each in PLANTED:
        if each.make is email or (each.make is mobile and each.around.startswith("联系")):
            for spelling in each.spellings:
                seen = recall(each, spelling, _A_SPELLING)
                planted, found = planted + seen.planted, found + seen.found
    detail = f"{planted:,} planted in every spelling, {planted - found:,} missed"
    return figure(limits.MISSED_CUED, 1000 * (planted - found) / planted, detail)


def _serials() -> Figure:
    from resources.recognisers import find_each

    chance = Random(11)  # noqa: S311 - a corpus, no secret
    texts = pl.Series([f"备注{chance.randrange(10**17, 10**18)}，" for _ in range(_SERIALS)])
    wrong = sum(1 for _ in find_each(texts))
    return figure(limits.SERIALS, 1e6 * wrong / _SERIALS, f"{wrong} of {_SERIALS:,} random, uncued")


def _over_masked() -> Figure:
    counted = {each.title: sum(mistaken(each, 2_000).values()) for each in NEGATIVES}
    worst = "、".join(f"{title} {rows}" for title, rows in counted.items() if rows) or "none"
    detail = f"{len(counted)} families of look-alikes x 2,000; mistaken: {worst}"
    return figure(limits.OVER_MASKED, sum(counted.values()), detail)


# --- the scan


_RELEASED = (
    '"编号"::bigint as "编号", translate(left(to_base64(from_hex(sha256("身份证号"))), 26), '
    "'ABCDEFGHIJKLMNOPQRSTUVWXYZ0189+/', 'abcdefghijklmnopqrstuvwxyzabcdef') as \"假名\", "
    'left("手机号", 3) || \'****\' || right("手机号", 4) as "手机号", "信用代码", "区县", '
    'regexp_extract("地址", \'^(.*?区)\', 1) as "地址", "登记日期"::date as "登记日期", '
    '"更新时间"::timestamp as "更新时间", "金额"::decimal(18, 2) as "金额", '
    '"面积"::decimal(18, 2) as "面积", "状态", "经度"::double as "经度", '
    '\'年报已公示，经营正常，第\' || "编号"::bigint % 5000 as "备注"'
)
_RAW = '"身份证号", "姓名", "手机号", "信用代码", "地址", "备注", "状态", "登记日期"'


def _scans(register: Path, folder: Path) -> Iterator[Figure]:
    """The scan beside reading the same columns with the engine it reads them with."""
    con = duckdb.connect(config={"threads": 2})
    con.execute("set enable_progress_bar = false").fetchall()
    for bar, name, columns in (
        (limits.SCAN_CLEAN, "clean", _RELEASED),
        (limits.SCAN_WORST, "worst", _RAW),
    ):
        path = folder / f"scan-{name}.parquet"
        con.execute(
            f"copy (select {columns} from read_csv('{register}', all_varchar = true)) to '{path}' "
            "(format parquet, compression zstd, compression_level 1, parquet_version v2)"
        ).fetchall()
        yield _scan(bar, con, path)


def _scan(bar: limits.Bar, con: duckdb.DuckDBPyConnection, path: Path) -> Figure:
    from resources.leak_scan import scan
    from resources.vault import SecretKey

    key, dataset = SecretKey(b"k" * 32), Dataset(id="d", title="d", body="b", fields=())

    def read() -> object:
        return pl.read_parquet(path)

    def scanned() -> object:
        return scan(con, path, dataset, digest_key=key)

    reading, scanning = _medians(read, scanned)
    found = scan(con, path, dataset, digest_key=key)
    detail = f"{_ROWS:,} rows x {len(pl.read_parquet_schema(path))}: reading {reading:.2f} CPU s, "
    return figure(bar, scanning / reading, f"{detail}scan {scanning:.2f}, {len(found)} findings")


# --- redaction of texts


def _remarks(hits: float) -> pl.Series:
    chance = Random(3)  # noqa: S311 - a corpus, no secret
    heads = (
        "经核实，材料齐全，予以办理，",
        "该户已于去年完成登记，情况属实，",
        "来电反映问题已转办，",
    )
    holding: tuple[Callable[[], str], ...] = (
        lambda: f"身份证号{citizen_id(chance)}",
        lambda: f"联系电话{mobile(chance)}",
        lambda: f"车辆京A{chance.randrange(10**5):05}",
        lambda: f"邮箱{email(chance)}",
        lambda: f"申请人王伟（身份证号{citizen_id(chance)}）",
    )
    empty: tuple[Callable[[], str], ...] = (
        lambda: f"订单{chance.randrange(10**13, 10**14)}",
        *(lambda: f"第{chance.randrange(10**4)}次回访",) * 9,
    )
    return pl.Series(
        "value",
        [
            chance.choice(heads) + chance.choice(holding if chance.random() < hits else empty)()
            for _ in range(_TEXTS)
        ],
    )


def _texts(folder: Path) -> Iterator[Figure]:
    from resources.redaction import redacted_texts

    many, few = _remarks(0.6), _remarks(0.01)
    (spent,) = _medians(lambda: redacted_texts(many))
    rows = f"{_TEXTS:,} distinct remarks, 60% hold something: {_TEXTS / spent:,.0f} rows a core s"
    yield figure(limits.TEXT_HITS, 1e6 * spent / _TEXTS, rows)
    source, target = folder / "few.parquet", folder / "out.parquet"
    few.to_frame().write_parquet(source)

    def copied() -> None:
        pl.read_parquet(source).write_parquet(target)

    def redacted() -> None:
        texts = pl.read_parquet(source).to_series()
        changed = pl.DataFrame(redacted_texts(texts))
        joined = texts.to_frame().join(changed, on="value", how="left", maintain_order="left")
        joined.select(pl.coalesce("treated", "value")).write_parquet(target)

    floor, whole = _medians(copied, redacted)
    yield figure(
        limits.TEXT_CLEAN,
        whole / floor,
        f"1% hold something, 10% a long number: {floor:.3f} CPU s to copy",
    )
    yield _beside_the_engine(many.head(10_000))


def _beside_the_engine(texts: pl.Series) -> Figure:
    """The engine is handed the spans we found, so that only replacing them is compared."""
    from presidio_anonymizer import AnonymizerEngine
    from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

    from resources.recognisers import find
    from resources.redaction import redacted_texts

    engine = AnonymizerEngine()
    named = {k.code: OperatorConfig("replace", {"new_value": f"〔{k.value}〕"}) for k in Semantic}

    def by_engine() -> list[str]:
        return [
            engine.anonymize(
                text,
                [RecognizerResult(s.kind.code, s.start, s.end, 1.0) for s in find(text)],
                dict(named),
                merge_entities_with_spaces=False,
            ).text
            for text in texts
        ]

    ours = dict(zip(*redacted_texts(texts).to_pydict().values(), strict=True))
    differing = sum(ours.get(t, t) != e for t, e in zip(texts, by_engine(), strict=True))
    if differing:
        msg = f"{differing} of {len(texts)} texts are redacted otherwise than by the engine"
        raise SystemExit(msg)
    theirs, own = _medians(by_engine, lambda: redacted_texts(texts))
    detail = f"{len(texts):,} texts, identical output; {theirs / own:.1f} times faster"
    return figure(limits.TEXT_VS_PRESIDIO, own / theirs, detail)


def _medians(*works: Callable[[], object]) -> tuple[float, ...]:
    """CPU seconds of each, rounds interleaved."""
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for place, work in enumerate(works):
            started = time.process_time()
            work()
            spent[place].append(time.process_time() - started)
    return tuple(map(median, spent))
