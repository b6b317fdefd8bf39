"""Tables about companies: what the market, transport and data bodies hand over."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from opendata.identifiers import is_uscc
from pipelines.demo import dirt
from pipelines.demo.files import Handover, Row, csv_bytes, sqlite_bytes, xlsx_bytes
from pipelines.demo.persons import (
    DISTRICTS,
    Company,
    a_citizen_id,
    a_mobile,
    a_name,
    a_person,
    a_plate,
)
from pipelines.demo.population import City

_RARE = ("𠮷", "𬭚", "𫖯")
"""Characters that GB18030 has and GBK has not."""

_BORN = date(1970, 1, 1)
_PRODUCTS = ("大米", "挂面", "菜籽油", "酱油", "豆腐干", "糕点", "瓶装水", "酸奶", "腊肉", "茶叶")
_FAULTS = ("菌落总数", "苯甲酸", "过氧化值", "铅", "甜蜜素")


def enterprise_register(city: City) -> Handover:
    """GB18030 with a title and a line of units above the headings and a sum below the rows."""
    rng = city.lots("enterprise_register")
    headings = ("序号", "统一社会信用代码", "企业名称", "企业类型", "区划代码", "法定代表人")
    more = ("注册资本", "成立日期", "登记状态", "经营范围", "更新日期")
    rows: list[Row] = [("云州市企业登记信息",), ("单位：万元",), (*headings, *more)]
    for number, company in enumerate(city.companies, start=1):
        rows.append((str(number), *_registered(city, rng, number, company)))
    rows.append(("合计", str(len(city.companies)), *[""] * 9))
    return Handover(
        body="market",
        name="企业登记信息_202603.csv",
        content=csv_bytes(rows, encoding="gb18030"),
    )


def _registered(city: City, rng: Random, number: int, company: Company) -> Row:
    rare = company.name.replace("云州", f"云州{rng.choice(_RARE)}")
    code = dirt.sometimes(rng, 0.05, dirt.full_width(company.uscc), company.uscc)
    return (
        dirt.mistyped(company.uscc) if number % 400 == 0 and number > 10_000 else code,
        dirt.sometimes(rng, 0.01, rare, company.name),
        company.kind,
        company.district,
        company.legal_person,
        dirt.sometimes(rng, 0.02, "/", dirt.thousands(company.capital)),
        dirt.mixed_date(rng, company.founded_on),
        rng.choices(("存续", "注销", "吊销"), weights=(90, 8, 2))[0],
        dirt.sometimes(rng, 0.03, "—", company.scope),
        dirt.mixed_date(rng, city.recent_day(rng, days=360)),
    )


def market_penalties(city: City) -> Handover:
    """UTF-8 with a byte-order mark; citizen IDs and ruined codes stand among the credit codes."""
    rng = city.lots("market_penalties")
    headings = ("行政处罚决定书文号", "行政相对人名称", "统一社会信用代码", "法定代表人")
    rows: list[Row] = [(*headings, "违法事实", "罚款金额（元）", "处罚决定日期", "公示日期")]
    rows += [_penalty(city, rng, number) for number in range(1, 3001)]
    rows += rows[-6:]  # handed over twice
    content = csv_bytes(rows, encoding="utf-8-sig")
    return Handover(body="market", name="行政处罚_2026年第13周.csv", content=content)


def _penalty(city: City, rng: Random, number: int) -> Row:
    company = rng.choice(city.companies)
    published = city.recent_day(rng, days=300)
    decided = published - timedelta(days=rng.randrange(1, 8))
    code = company.uscc
    if number % 73 == 0:
        code = _id_that_is_no_code(company.founded_on, number % 1000)
    elif number % 250 == 0:
        code = dirt.scientific(company.uscc)
    return (
        f"云市监罚〔{published.year}〕{number}号",
        company.name,
        code,
        dirt.sometimes(rng, 0.5, dirt.half_masked(company.legal_person), company.legal_person),
        _facts(rng),
        dirt.thousands(rng.choice((500, 2000, 10000, 50000, 12345.5))),
        dirt.day_first(rng, decided),
        dirt.mixed_date(rng, published),
    )


def _id_that_is_no_code(born_on: date, serial: int) -> str:
    """A citizen ID that is no credit code: one ID in 31 has the check character of both."""
    citizen_id = a_citizen_id(born_on, serial)
    if is_uscc(citizen_id):
        return _id_that_is_no_code(born_on, (serial + 1) % 1000)
    return citizen_id


def _facts(rng: Random) -> str:
    somebody = a_name(rng)
    return rng.choice(
        (
            "经营超过保质期的食品。",
            "未按规定\n明码标价。",
            f"当事人{somebody}（电话{a_mobile(rng)}）销售不合格商品。",
            f"驾驶员{somebody}驾驶{a_plate(rng)}运输无标签食品。",
            f"负责人{somebody}，身份证号{a_citizen_id(_BORN, rng.randrange(1000))}，未亮照经营。",
        )
    )


def food_samples(city: City) -> Handover:
    """GBK; null spellings, mixed dates."""
    rng = city.lots("food_samples")
    headings = ("抽样编号", "生产企业编号", "样品名称", "区划代码", "抽样日期", "检验结论")
    rows: list[Row] = [(*headings, "不合格项目")]
    for number in range(1, 8001):
        failed = rng.random() < 0.03
        rows.append(
            (
                f"CJ2026{number:06d}",
                f"P{rng.randrange(1, 401):04d}",
                rng.choice(_PRODUCTS),
                rng.choice(tuple(DISTRICTS)),
                dirt.mixed_date(rng, city.recent_day(rng, days=90)),
                "不合格" if failed else "合格",
                rng.choice(_FAULTS) if failed else rng.choice(("/", "——", "")),
            )
        )
    return Handover(
        body="market", name="抽检样品_202603.csv", content=csv_bytes(rows, encoding="gbk")
    )


def food_producers(city: City) -> Handover:
    """An .xlsx workbook that calls itself .csv; its first sheet is empty."""
    rows: list[Row] = [("企业编号", "统一社会信用代码", "企业名称")]
    rows += [
        (f"P{number:04d}", company.uscc, company.name)
        for number, company in enumerate(city.companies[:400], start=1)
    ]
    return Handover(
        body="market", name="生产企业名录_202603.csv", content=xlsx_bytes(rows, sheet="明细")
    )


def taxi_permits(city: City) -> Handover:
    """GBK; dates are a spreadsheet's serial days, companies hold tabs and line breaks."""
    rng = city.lots("taxi_permits")
    headings = ("许可证号", "经营企业", "车牌号", "驾驶员", "驾驶员证件号", "联系电话")
    rows: list[Row] = [(*headings, "有效期起", "有效期止", "发证日期")]
    rows += [_taxi(city, rng, number) for number in range(1, 4001)]
    return Handover(
        body="transport", name="出租汽车许可_202603.csv", content=csv_bytes(rows, encoding="gbk")
    )


def _taxi(city: City, rng: Random, number: int) -> Row:
    driver = a_person(rng, born=(_BORN, _BORN + timedelta(days=9000)))
    issued = city.recent_day(rng, days=1400)
    company = f"云州第{number % 7 + 1}出租汽车公司"
    return (
        f"CZ{number:06d}",
        rng.choice((company, f"\t{company}", f"{company}\n", "不详")),
        a_plate(rng),
        driver.name,
        driver.citizen_id,
        driver.mobile,
        dirt.serial_day(rng, issued),
        dirt.serial_day(rng, issued + timedelta(days=1460)),
        dirt.serial_day(rng, issued),
    )


def rental_ratings(city: City) -> Handover:
    """Ratings by credit code only: names and districts come from the register."""
    rng = city.lots("rental_ratings")
    rows: list[Row] = [("信用代码", "评价年度", "信用等级")]
    rows += [
        (company.uscc, year, rng.choice(("AAA", "aa", dirt.full_width("AA"), "A", "B")))
        for company in city.companies[1000:1150]
        for year in ("2024", "2025")
    ]
    return Handover(body="transport", name="租赁企业评价_2025.csv", content=csv_bytes(rows))


def tax_payments(city: City) -> Handover:
    """Obtained by sharing, for the body's own duties only."""
    rng = city.lots("tax_payments")
    rows: list[Row] = [("统一社会信用代码", "纳税信用级别", "更新日期")]
    rows += [
        (company.uscc, rng.choice("ABMC"), f"{city.recent_day(rng, days=80)}")
        for company in city.companies[2000:2400]
    ]
    content = sqlite_bytes(rows, table="企业纳税")
    return Handover(body="data", name="tax.sqlite", content=content, exchange=True)


def polluters(city: City) -> Handover:
    """A list its body keeps to itself without saying why."""
    rng = city.lots("polluters")
    rows: list[Row] = [("统一社会信用代码", "单位名称", "排污类别", "区划代码")]
    rows += [
        (company.uscc, company.name, rng.choice(("水环境", "大气环境", "土壤")), company.district)
        for company in city.companies[3000:3200]
    ]
    return Handover(body="environment", name="重点排污单位_2025.csv", content=csv_bytes(rows))


def publication_inspections(city: City) -> Handover:
    """A column of party numbers: credit codes, and 41 citizen IDs that nobody declared."""
    rows: list[Row] = [("检查编号", "行政相对人", "证件号码", "检查结果", "检查日期")]
    rows += list(_publication_inspections(city))
    return Handover(body="culture", name="行政检查_202603.csv", content=csv_bytes(rows))


def _publication_inspections(city: City) -> Iterator[Row]:
    rng = city.lots("publication_inspections")
    for number in range(1, 601):
        company = city.companies[4000 + number]
        somebody = a_person(rng, born=(_BORN, _BORN + timedelta(days=9000)))
        private = number % 14 == 0 and number <= 574
        yield (
            f"WH2026{number:05d}",
            f"{somebody.name}书报亭" if private else company.name,
            somebody.citizen_id if private else company.uscc,
            rng.choice(("未发现问题", "责令改正")),
            f"{city.recent_day(rng, days=90)}",
        )


TABLES: tuple[Callable[[City], Handover], ...] = (
    enterprise_register,
    market_penalties,
    food_samples,
    food_producers,
    taxi_permits,
    rental_ratings,
    tax_payments,
    polluters,
    publication_inspections,
)
