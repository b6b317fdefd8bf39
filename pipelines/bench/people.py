"""People for the bench: a table of sixteen columns, seeded, in which so many rows are distinct."""

from pathlib import Path

import numpy as np
import polars as pl

from opendata.identifiers import citizen_id_check

_PLACES = [
    "陕西省西安市雁塔区",
    "陕西省西安市碑林区",
    "重庆市渝中区",
    "广西壮族自治区南宁市青秀区",
    "广东省广州市天河区",
]
_ROADS = ["科技路", "解放路", "人民路", "中山大道", "民族大道"]
_FAMILY = list("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗")
_GIVEN = list("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文辉玲红建国华")
_REGIONS = ["610113", "610103", "500103", "450103", "440106"]
_WORK = ["职员", "教师", "农民", "工人", "医生", "自由职业", "学生", "退休"]
_TAUGHT = ["小学", "初中", "高中", "大专", "本科", "硕士", "博士"]


def make_people(path: Path, *, rows: int, distinct: float) -> Path:
    """Write ``rows`` rows about ``distinct * rows`` people as zstd Parquet; the path."""
    chance = np.random.default_rng(7)
    count = int(rows * distinct)
    person = pl.DataFrame(_of_people(chance, count))
    drawn = pl.Series(chance.integers(0, count, rows))
    table = person[drawn].with_columns(
        pl.Series("row_id", np.arange(rows)),
        pl.Series("region", _drawn(chance, _REGIONS, rows)),
        pl.Series("cat", _drawn(chance, ["低保", "高龄", "残疾", "创业", "就业", "医疗"], rows)),
        pl.Series("amount", chance.integers(100, 99_999, rows)).cast(pl.Decimal(18, 2)) / 10,
    )
    typed = table.with_columns(pl.col("amount").cast(pl.Decimal(18, 2)))
    typed.write_parquet(path, compression="zstd")
    return path


def _of_people(chance: np.random.Generator, count: int) -> dict[str, object]:
    born = np.datetime64("1940-01-01") + chance.integers(0, 25_500, count)
    days = np.char.replace(born.astype(str), "-", "")
    serials = np.char.zfill(chance.integers(0, 1000, count).astype(str), 3)
    bodies = np.char.add(np.char.add(_drawn(chance, _REGIONS, count), days), serials)
    numbers = chance.integers(0, 10**6, (7, count)).astype(str)
    homes = (_drawn(chance, each, count) for each in (_PLACES, _ROADS))
    plates = _drawn(chance, ["陕A", "渝B", "桂C", "粤D"], count)
    codes = _drawn(chance, _REGIONS, count)
    return {
        "id_no": [body + citizen_id_check(body) for body in bodies.tolist()],
        "mobile": _joined(_drawn(chance, ["138", "150", "199"], count), _eight(chance, count)),
        "name": _joined(*(_drawn(chance, each, count) for each in (_FAMILY, _GIVEN, _GIVEN))),
        "addr": _joined(*homes, numbers[0], "号", numbers[1], "室"),
        "uscc": _joined("91", codes, "M", _eight(chance, count), "7"),
        "card": _cards(chance, count),
        "plate": _joined(plates, chance.integers(10_000, 99_999, count).astype(str)),
        "email": _joined("user", numbers[2], _drawn(chance, ["@qq.com", "@163.com"], count)),
        "birth": born.astype("datetime64[D]"),
        "sex": _drawn(chance, ["男", "女"], count),
        "edu": _drawn(chance, _TAUGHT, count),
        "occ": _drawn(chance, _WORK, count),
    }


def _drawn(chance: np.random.Generator, values: list[str], count: int) -> np.ndarray:
    return np.array(values)[chance.integers(0, len(values), count)]


def _eight(chance: np.random.Generator, count: int) -> np.ndarray:
    return np.char.zfill(chance.integers(0, 10**8, count).astype(str), 8)


def _joined(first: np.ndarray | str, *others: np.ndarray | str) -> np.ndarray:
    made = np.asarray(first)
    for each in others:
        made = np.char.add(made, each)
    return made


def _cards(chance: np.random.Generator, count: int) -> np.ndarray:
    """Card numbers of nineteen digits that pass Luhn."""
    digits = chance.integers(0, 10, (count, 18))
    digits[:, :6] = [6, 2, 2, 2, 0, 2]
    doubled = digits * np.tile([1, 2], 9)
    checks = -np.where(doubled > 9, doubled - 9, doubled).sum(axis=1) % 10
    whole = np.column_stack([digits, checks]).astype(np.uint8) + ord("0")
    return np.ascontiguousarray(whole).view("S19").ravel().astype(str)
