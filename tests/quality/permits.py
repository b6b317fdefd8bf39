"""A small city whose permits are right in every cell, and what may be done to their next delivery.

Permits are delivered monthly. They defer nothing and read nothing, but are held against a register
of enterprises (the one source of names) and a list of offices (foreign keys). The clean tables are
made here from a seed; what goes wrong with them is ``faults.py``.
"""

import csv
import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from assets.dossier import Dossier
from assets.journey import travel
from assets.workshop import Workshop
from opendata.identifiers import citizen_id_check, is_bank_card, uscc_check
from resources.home import Home
from tests.journeys.homes import City

ROWS = 2_000
FIRST_DAY, SECOND_DAY = date(2026, 3, 3), date(2026, 3, 31)
"""When the first version was judged and released, and when the next one is judged."""
FIRST_KEY = "XA00000031"
"""The key of the first row of the second version."""
DIVISIONS = tuple(f"6101{n:02d}" for n in range(2, 8))
ABOLISHED = "610121"
"""In force until 2014."""
OFFICES = tuple(f"B{n:02d}" for n in range(1, 21))
KINDS = (("新办", "甲"), ("新办", "乙"), ("变更", "乙"), ("延续", "丙"))
Row = Mapping[str, str]

_DROPPED = {"role": "直接标识符", "action": "删除"}
PERMITS: Mapping[str, Any] = {
    "no": {
        "title": "许可证号",
        "key": True,
        "semantic": "业务编号",
        "pattern": "[A-Z]{2}[0-9]{8}",
    },
    "holder": {
        "title": "企业名称",
        "required": True,
        "element": "unit_name",
        "checked_against": "register.name",
    },
    "uscc": {
        "title": "统一社会信用代码",
        "required": True,
        "semantic": "统一社会信用代码",
        "element": "uscc",
        "checked_against": "register.uscc",
    },
    "person": {"title": "经办人身份证号", "semantic": "公民身份号码", **_DROPPED},
    "mobile": {"title": "经办人手机号码", "semantic": "手机号码", **_DROPPED},
    "card": {"title": "缴费账号", "semantic": "银行卡号", **_DROPPED},
    "district": {"title": "区县", "code_table": "districts"},
    "division": {"title": "区划代码", "semantic": "行政区划代码"},
    "office": {"title": "受理窗口", "required": True},
    "kind": {"title": "许可类别", "required": True},
    "grade": {"title": "等级", "required": True},
    "taken_by": {"title": "受理岗位"},
    "signed_by": {"title": "审批岗位"},
    "opened_in": {"title": "受理区划代码"},
    "state": {"title": "国有占比", "type": "integer"},
    "private": {"title": "民营占比", "type": "integer"},
    "foreign": {"title": "外资占比", "type": "integer"},
    "amount": {"title": "投资额", "type": "decimal", "minimum": 0, "maximum": 1000000},
    "staff": {"title": "从业人数", "type": "integer"},
    "taken_at": {"title": "受理时间", "type": "datetime"},
    "issued_on": {"title": "发证日期", "type": "date", "required": True},
    "valid_to": {"title": "有效期止", "type": "date"},
    "updated_on": {"title": "更新日期", "type": "date", "required": True},
    "remark": {"title": "备注"},
}
HEADINGS = tuple(each["title"] for each in PERMITS.values())
TITLES = {name: each["title"] for name, each in PERMITS.items()}


def _rule(expect: str, indicator: str, description: str, **kwargs: Any) -> Mapping[str, Any]:
    on_fail = kwargs.pop("on_fail", "keep_flag")
    return {
        "expect": f"expect_{expect}",
        "indicator": indicator,
        "description": description,
        "kwargs": kwargs,
        "on_fail": on_fail,
    }


_EITHER = {"or_equal": True, "ignore_row_if": "either_value_is_missing"}
RULES = (
    _rule(
        "column_pair_values_a_to_be_greater_than_b",
        "0503",
        "有效期止不早于发证日期",
        column_A="valid_to",
        column_B="issued_on",
        **_EITHER,
    ),
    _rule(
        "column_pair_values_a_to_be_greater_than_b",
        "0501",
        "更新日期不早于发证日期",
        column_A="updated_on",
        column_B="issued_on",
        **_EITHER,
    ),
    _rule(
        "column_values_to_be_valid_division_code",
        "0105",
        "区划代码在当年有效",
        column="division",
        year=2026,
        periods=[*([each, 1980, None] for each in DIVISIONS), [ABOLISHED, 1980, 2014]],
        on_fail="drop",
    ),
    _rule(
        "column_values_to_exist_in_dataset",
        "0402",
        "受理窗口应在窗口名录中",
        column="office",
        dataset="offices",
        field="code",
    ),
    _rule(
        "multicolumn_sum_to_equal",
        "0104",
        "三类占比合计应为 100",
        column_list=["state", "private", "foreign"],
        sum_total=100,
    ),
    _rule(
        "column_pair_values_to_be_in_set",
        "0402",
        "许可类别与等级应相符",
        column_A="kind",
        column_B="grade",
        value_pairs_set=[list(each) for each in KINDS],
    ),
    _rule(
        "select_column_values_to_be_unique_within_record",
        "0104",
        "受理与审批不得为同一岗位",
        column_list=["taken_by", "signed_by"],
    ),
    _rule(
        "column_pair_values_to_be_equal",
        "0401",
        "两处填写的区划代码应一致",
        column_A="division",
        column_B="opened_in",
    ),
    _rule(
        "compound_columns_to_be_unique",
        "0303",
        "同一企业同一时间的申请不应重复录入",
        column_list=["uscc", "taken_at"],
    ),
    _rule(
        "column_values_to_not_match_regex",
        "0305",
        "备注不应含测试数据",
        column="remark",
        regex="测试|^test",
    ),
    _rule(
        "column_value_lengths_to_be_between",
        "0101",
        "备注不超过 50 字",
        column="remark",
        max_value=50,
    ),
    _rule(
        "column_values_to_match_regex",
        "0302",
        "备注不应含乱码",
        column="remark",
        regex="^[^\\x{FFFD}锟]*$",
    ),
    _rule(
        "column_distinct_values_to_contain_set",
        "0202",
        "各区县均应报送",
        column="district",
        value_set=list(DIVISIONS),
    ),
    _rule(
        "column_mean_to_be_between",
        "0301",
        "投资额平均值应在常见范围（万元）",
        column="amount",
        min_value=100,
        max_value=5000,
    ),
    _rule(
        "column_proportion_of_non_null_values_to_be_between",
        "0201",
        "从业人数填报率不低于九成",
        column="staff",
        min_value=0.9,
    ),
    _rule(
        "column_stdev_to_be_between",
        "0301",
        "从业人数不应千篇一律",
        column="staff",
        min_value=1,
    ),
    _rule(
        "column_unique_value_count_to_be_between",
        "0301",
        "受理窗口不应只有少数几个",
        column="office",
        min_value=10,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What reaches the city for the second version: the table, its bytes, files beside, the day."""

    rows: tuple[Row, ...]
    headings: tuple[str, ...] = HEADINGS
    as_bytes: Callable[[bytes], bytes] = bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    entry: Mapping[str, Any] = field(default_factory=dict)
    as_of: date = SECOND_DAY

    @property
    def content(self) -> bytes:
        """The file of permits."""
        lines = [self.headings, *(tuple(each.values()) for each in self.rows)]
        return self.as_bytes(_csv(lines))


def found(root: Path) -> City:
    """The city with its first version released."""
    city = City.found(root)
    city.put("catalog/elements.yaml", yaml.safe_dump({"elements": _ELEMENTS}, allow_unicode=True))
    codes = "".join(f"{each},第{each[-1]}区\n" for each in DIVISIONS)
    city.put("codes/districts.csv", f"code,title\n{codes}")
    given: Mapping[str, Any] = {"data_time": {"fixed": "2026-03-01"}, "body": "market"}
    city.lists("register", fields=_REGISTER, **given)
    city.lists("offices", fields=_OFFICES, **given)
    city.lists("archive", fields=PERMITS, body="archives")
    _list_permits(city, {})
    city.put("inbox/market/register.csv", _csv([("信用代码", "名称"), *_enterprises()]))
    offices = ((each, f"第{each}号窗口") for each in OFFICES)
    city.put("inbox/market/offices.csv", _csv([("窗口编码", "窗口名称"), *offices]))
    for dataset in ("register", "offices"):
        _travel(city, dataset, FIRST_DAY)
    city.hands_over("permits", Delivery(rows=first_rows()).content)
    _travel(city, "permits", FIRST_DAY)
    return city


def delivered(city: City, delivery: Delivery) -> Dossier:
    """What becomes of a delivery of permits."""
    _list_permits(city, delivery.entry)
    city.hands_over("permits", delivery.content)
    for path, content in delivery.files.items():
        city.put(path, content)
    return _travel(city, "permits", delivery.as_of)


def first_rows() -> tuple[Row, ...]:
    """The permits of February."""
    return _permits(range(1, ROWS + 1), updated=date(2026, 2, 27))


def second_rows() -> tuple[Row, ...]:
    """The permits of March: one in a hundred is gone, and as many are new."""
    new = ROWS // 100
    return _permits(range(1 + new, ROWS + new + 1), updated=date(2026, 3, 27))


def _permits(numbers: range, *, updated: date) -> tuple[Row, ...]:
    enterprises = _enterprises()
    return tuple(_permit(n, *enterprises[n % len(enterprises)], updated=updated) for n in numbers)


def _permit(n: int, uscc: str, holder: str, *, updated: date) -> Row:
    chosen = random.Random(n)
    taken = date(2025, 1, 1) + timedelta(days=n % 300)
    issued = taken + timedelta(days=chosen.randint(1, 20))
    division, (kind, grade) = DIVISIONS[n % len(DIVISIONS)], KINDS[n % len(KINDS)]
    state, private = chosen.randint(0, 40), chosen.randint(0, 40)
    return {
        "no": f"XA{n:08d}",
        "holder": holder,
        "uscc": uscc,
        "person": _citizen(n),
        "mobile": f"138{n:08d}",
        "card": _card(n),
        "district": division,
        "division": division,
        "office": OFFICES[n % len(OFFICES)],
        "kind": kind,
        "grade": grade,
        "taken_by": f"受理{n % 9}岗",
        "signed_by": f"审批{n % 5}岗",
        "opened_in": division,
        "state": str(state),
        "private": str(private),
        "foreign": str(100 - state - private),
        "amount": f"{chosen.uniform(1, 999):.2f}",
        "staff": str(chosen.randint(1, 500)) if n % 50 else "",
        "taken_at": f"{taken} {8 + n % 9:02d}:{n // 60:02d}:00",
        "issued_on": f"{issued}",
        "valid_to": f"{issued.replace(year=issued.year + 3, day=1)}",
        "updated_on": f"{updated}",
        "remark": "材料齐全，按时办结。" if n % 3 else "",
    }


def _enterprises() -> list[tuple[str, str]]:
    chosen = random.Random(36344)
    bodies = [f"916101{chosen.randrange(10**9):09d}MA" for _ in range(600)]
    return [
        (f"{each}{uscc_check(each)}", f"西安第{n}商贸有限公司") for n, each in enumerate(bodies)
    ]


def _citizen(n: int) -> str:
    born = date(1960, 1, 1) + timedelta(days=n)
    body = f"610102{born:%Y%m%d}{n % 1000:03d}"
    return body + citizen_id_check(body)


def _card(n: int) -> str:
    return next(card for last in range(10) if is_bank_card(card := f"62220212{n:010d}{last}"))


def _list_permits(city: City, changes: Mapping[str, Any]) -> None:
    given = {"fields": dict(PERMITS), "quality": {"rules": [dict(each) for each in RULES]}}
    city.lists("permits", **(given | dict(changes)))


def _travel(city: City, dataset: str, as_of: date) -> Dossier:
    workshop = Workshop.open(Home.find(city.root).prepare(), as_of=as_of)
    try:
        return travel(workshop, workshop.catalog.dataset(dataset))
    finally:
        workshop.close()


def _csv(lines: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


_ELEMENTS = {
    "uscc": {"title": "信用代码", "authority": "register.uscc"},
    "unit_name": {"title": "单位名称", "authority": "register.name"},
}
_REGISTER = {
    "uscc": {
        "title": "信用代码",
        "key": True,
        "semantic": "统一社会信用代码",
        "element": "uscc",
    },
    "name": {"title": "名称", "required": True, "element": "unit_name"},
}
_OFFICES = {"code": {"title": "窗口编码", "key": True}, "title": {"title": "窗口名称"}}
