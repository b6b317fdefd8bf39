"""Tables about people: what the civil affairs and health bodies hand over."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from pipelines.demo import dirt
from pipelines.demo.files import Handover, Row, csv_bytes, xls_bytes
from pipelines.demo.persons import (
    DISTRICTS,
    a_bank_card,
    a_landline,
    a_mobile,
    a_name,
    a_person,
)
from pipelines.demo.population import City

_DISEASES = ("流行性感冒", "手足口病", "水痘", "感染性腹泻", "结核病")
_PLACES = ("宾馆", "理发店", "游泳馆", "影剧院", "候车室")
_NO_END = date(2099, 12, 31)


def subsidy_payments(city: City) -> Handover:
    """An Excel 97 workbook that calls itself .csv."""
    rng = city.lots("subsidy_payments")
    headings = ("发放流水号", "姓名", "身份证号", "性别", "出生日期", "家庭住址", "联系电话")
    rows: list[Row] = [(*headings, "银行账号", "补贴类型", "金额（元）", "发放日期")]
    rows += [_payment(city, rng, number) for number in range(1, 6001)]
    return Handover(body="civil", name="补贴发放_202603.csv", content=xls_bytes(rows))


def _payment(city: City, rng: Random, number: int) -> Row:
    person = a_person(rng, born=(date(1950, 1, 1), date(1970, 1, 1)))
    code = person.citizen_id
    return (
        f"BT2026{number:06d}",
        person.name,
        dirt.scientific(code) if number % 120 == 0 else code,
        person.sex,
        dirt.mixed_date(rng, person.born_on),
        person.address,
        dirt.sometimes(rng, 0.05, "无", person.mobile),
        a_bank_card(rng),
        rng.choice(("最低生活保障", "临时救助", "残疾人两项补贴")),
        dirt.thousands(rng.choice((600, 860, 1200, 3500))),
        f"{city.recent_day(rng, days=30)}",
    )


def elder_allowances(city: City) -> Handover:
    """Month of birth, community and sex: nearly everybody stands alone."""
    rng = city.lots("elder_allowances")
    rows: list[Row] = [
        ("身份证号", "姓名", "性别", "出生日期", "所在社区", "津贴标准（元）", "发放日期")
    ]
    for _ in range(800):
        person = a_person(rng, born=(date(1926, 1, 1), date(1946, 1, 1)))
        community = f"第{rng.randrange(1, 13)}社区"
        day = city.recent_day(rng, days=60)
        amount = rng.choice(("100", "300"))
        known = (person.citizen_id, person.name, person.sex, f"{person.born_on}")
        rows.append((*known, community, amount, f"{day}"))
    return Handover(body="civil", name="高龄津贴_2026Q1.csv", content=csv_bytes(rows))


def orphans(city: City) -> Handover:
    """Children: never to be opened."""
    rng = city.lots("orphans")
    rows: list[Row] = [("身份证号", "姓名", "监护人", "保障类别", "登记日期")]
    for _ in range(120):
        child = a_person(rng, born=(date(2010, 1, 1), date(2022, 1, 1)))
        kind = rng.choice(("集中养育", "散居", "事实无人抚养"))
        day = city.recent_day(rng, days=85)
        rows.append((child.citizen_id, child.name, a_name(rng), kind, f"{day}"))
    return Handover(body="civil", name="困境儿童_2026Q1.csv", content=csv_bytes(rows))


def hygiene_permits(city: City) -> Handover:
    """A zero-width space in a heading, blank headings, short records, blank records."""
    rng = city.lots("hygiene_permits")
    headings = (
        "许可证号\u200b",
        "单位名称",
        "统一社会信用代码",
        "经营项目",
        "区划代码",
        "发证日期",
    )
    rows: list[Row] = [(*headings, "有效期至", "备注", "", "")]
    for number in range(1, 5001):
        rows.append(_hygiene(city, rng, number))
        if number % 400 == 0:
            rows.append([""] * 10)
    return Handover(body="health", name="公共场所卫生许可_202603.csv", content=csv_bytes(rows))


def _hygiene(city: City, rng: Random, number: int) -> Row:
    company = rng.choice(city.companies)
    former = company.name.replace("云州", "北塬")  # five permits bear the name before its change
    issued = city.recent_day(rng, days=1000)
    ends = _NO_END if number % 50 == 0 else issued + timedelta(days=1461 if number % 97 else -30)
    spelling = rng.choice(("%Y-%m-%d", "%Y/%m/%d"))
    row = (
        f"云卫公证字〔{issued.year}〕第{number:05d}号",
        f"\u3000{former if number % 1000 == 7 else company.name}",
        dirt.sometimes(rng, 0.1, rng.choice(("/", "—", "-", "null")), company.uscc),
        rng.choice(_PLACES),
        company.district,
        f"{issued:{spelling}}",
        f"{ends:{spelling}}",
    )
    if number % 10:
        return row  # remark and the blank columns are left out
    remark = rng.choice(("", "变更法人", f"联系人{a_name(rng)}，手机{a_mobile(rng)}"))
    return (*row, remark, "", "")


def clinics(city: City) -> Handover:
    """Promised every month; the newest row is four months old."""
    rng = city.lots("clinics")
    headings = ("备案编号", "诊所名称", "负责人", "固定电话", "电子邮箱", "区划代码", "更新日期")
    rows: list[Row] = [headings]
    for number in range(1, 901):
        day = city.as_of - timedelta(days=125 + rng.randrange(300))
        rows.append(
            (
                f"ZS{number:05d}",
                f"云州{a_name(rng)[1:]}诊所",
                a_name(rng),
                dirt.sometimes(rng, 0.1, "不详", a_landline(rng)),
                f"clinic{number}@mail.example.com",
                rng.choice(tuple(DISTRICTS)),
                dirt.mixed_date(rng, day),
            )
        )
    return Handover(body="health", name="诊所备案_202511.csv", content=csv_bytes(rows))


def infectious_cases(city: City) -> Handover:
    """Clean, and classed so that it may not be downloaded."""
    rng = city.lots("infectious_cases")
    rows: list[Row] = [("卡片编号", "病种", "区划代码", "发病日期", "报告日期")]
    for number in range(1, 1201):
        reported = city.recent_day(rng, days=400)
        onset = reported - timedelta(days=rng.randrange(10))
        district = rng.choice(tuple(DISTRICTS))
        rows.append((f"CR{number:07d}", rng.choice(_DISEASES), district, f"{onset}", f"{reported}"))
    return Handover(body="health", name="传染病个案_202603.csv", content=csv_bytes(rows))


TABLES: tuple[Callable[[City], Handover], ...] = (
    subsidy_payments,
    elder_allowances,
    orphans,
    hygiene_permits,
    clinics,
    infectious_cases,
)
