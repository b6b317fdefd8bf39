"""Invented people and companies: identifiers with right check digits that belong to nobody.

Division xx0199 has never been assigned, nor have mobile prefix 163, area code 0900 or the plate
letters 宁X; e-mail addresses end in example.com. Names are drawn by lot. How these values are
spelled wrongly is ``dirt.py``.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from opendata.identifiers import citizen_id_check, uscc_check

DISTRICTS = {
    "990101": "云台区",
    "990102": "临江区",
    "990103": "松岭区",
    "990104": "望湖区",
    "990105": "青石区",
    "990106": "北塬县",
}
UNASSIGNED_DIVISION = "610199"

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = (
    "安白冰波博昌晨初川春丹冬帆芳飞风歌谷海禾荷恒华吉佳嘉江静君凯康"
    "兰乐林岭明沐宁平青清秋然荣山舒树松棠溪晓欣雅岩燕阳怡毅英雨月云泽章竹"
)
_ROADS = ("望月路", "松风巷", "临江大道", "云锦街", "石桥路", "北塬路", "听泉巷", "朝阳街")
_BRANDS = "安博昌辰达德恒宏华惠吉嘉杰金锦凯康乐联隆茂铭诺鹏启泰通万祥欣信兴旭亿永优裕元远泽智中"
_TRADES = ("商贸", "餐饮管理", "科技", "建筑工程", "食品", "汽车租赁", "文化传播", "物流", "环保")
_KINDS = ("有限责任公司", "有限责任公司", "有限责任公司", "股份有限公司", "个人独资企业")
_SCOPES = ("日用百货销售", "软件开发", "餐饮服务", "土木工程", "食品生产", "车辆租赁", "会议服务")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who does not exist."""

    name: str
    sex: str
    born_on: date
    citizen_id: str
    mobile: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company that does not exist."""

    uscc: str
    name: str
    kind: str
    district: str
    legal_person: str
    capital: int
    founded_on: date
    scope: str


def a_person(rng: Random, *, born: tuple[date, date]) -> Person:
    """Somebody born between the two days."""
    born_on = born[0] + timedelta(days=rng.randrange((born[1] - born[0]).days))
    serial = rng.randrange(1000)
    return Person(
        name=a_name(rng),
        sex="男" if serial % 2 else "女",
        born_on=born_on,
        citizen_id=a_citizen_id(born_on, serial),
        mobile=a_mobile(rng),
        address=an_address(rng),
    )


def a_name(rng: Random) -> str:
    """A surname and one or two characters."""
    return rng.choice(_SURNAMES) + "".join(rng.choices(_GIVEN, k=rng.choice((1, 2, 2))))


def a_citizen_id(born_on: date, serial: int) -> str:
    """An 18-character citizen ID of an unassigned division; odd serials are men."""
    body = f"{UNASSIGNED_DIVISION}{born_on:%Y%m%d}{serial:03d}"
    return body + citizen_id_check(body)


def a_uscc(number: int) -> str:
    """The ``number``-th credit code of an unassigned division."""
    body = f"91{UNASSIGNED_DIVISION}{number:09d}"
    return body + uscc_check(body)


def a_mobile(rng: Random) -> str:
    """A number of an unallocated prefix."""
    return f"163{rng.randrange(10**8):08d}"


def a_plate(rng: Random) -> str:
    """A plate of letters that no office issues."""
    return f"宁X{rng.randrange(10**5):05d}"


def a_landline(rng: Random) -> str:
    """A number of an unallocated area code."""
    return f"0900-{rng.randrange(2_000_000, 9_000_000)}"


def a_bank_card(rng: Random) -> str:
    """A 19-digit number of an unissued range that passes Luhn."""
    body = f"6299990{rng.randrange(10**11):011d}"
    doubled = (int(each) * (2 - place % 2) for place, each in enumerate(reversed(body)))
    total = sum(each - 9 if each > 9 else each for each in doubled)
    return f"{body}{-total % 10}"


def an_address(rng: Random) -> str:
    """A flat in the invented city."""
    district = rng.choice(tuple(DISTRICTS.values()))
    road = rng.choice(_ROADS)
    return f"云州市{district}{road}{rng.randrange(1, 300)}号{rng.randrange(1, 9)}单元"


def companies(rng: Random, count: int, *, until: date) -> tuple[Company, ...]:
    """So many companies, each with its own code and name."""
    return tuple(_company(rng, number, until) for number in range(1, count + 1))


def _company(rng: Random, number: int, until: date) -> Company:
    kind = rng.choice(_KINDS)
    brand = "".join(rng.choices(_BRANDS, k=3))
    suffix = "厂" if kind == "个人独资企业" else kind.replace("有限责任公司", "有限公司")
    return Company(
        uscc=a_uscc(number),
        name=f"云州{brand}{rng.choice(_TRADES)}{suffix}",
        kind=kind,
        district=rng.choice(tuple(DISTRICTS)),
        legal_person=a_name(rng),
        capital=rng.choice((10, 50, 100, 500, 1000, 5000, 12000)),
        founded_on=until - timedelta(days=rng.randrange(400, 9000)),
        scope="；".join(rng.sample(_SCOPES, k=2)),
    )
