"""Tables about places and things: transport, housing, environment, culture, emergency."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random

from pipelines.demo import dirt
from pipelines.demo.files import Handover, Row, csv_bytes, json_bytes
from pipelines.demo.persons import DISTRICTS, UNASSIGNED_DIVISION
from pipelines.demo.population import City

_STATIONS = tuple(
    f"{name}站" for name in ("云台", "临江", "松岭", "望湖", "青石", "北塬", "市中心")
)
_SCENIC = ("望湖公园", "松岭森林公园", "青石古镇", "云台山", "临江老街", "北塬草原")
_DAYS = 72


def bus_stops(city: City) -> Handover:
    """UTF-16 with semicolons, as an old desktop program saves it."""
    rng = city.lots("bus_stops")
    rows: list[Row] = [("站点编号", "站点名称", "经停线路", "区划代码", "经度", "纬度", "更新日期")]
    for number in range(1, 2501):
        lines = "、".join(f"{each}路" for each in sorted(rng.sample(range(1, 90), k=3)))
        rows.append(
            (
                f"ZD{number:05d}",
                f"第{number}站",
                lines,
                rng.choice(tuple(DISTRICTS)),
                f"150.{rng.randrange(10**6):06d}",
                f"20.{rng.randrange(10**6):06d}",
                f"{city.recent_day(rng, days=80)}",
            )
        )
    content = csv_bytes(rows, encoding="utf-16-le", delimiter=";")
    return Handover(body="transport", name="公交站点_2026Q1.csv", content=b"\xff\xfe" + content)


def building_permits(city: City) -> Handover:
    """GBK; the permit numbers look like citizen IDs, and one in eleven passes the check digit."""
    return Handover(
        body="housing", name="建筑类施工许可_202603.csv", content=_construction_permits(city)
    )


def municipal_permits(city: City) -> Handover:
    """The same bytes as the building permits, handed over under another name."""
    return Handover(
        body="housing", name="市政类施工许可_202603.csv", content=_construction_permits(city)
    )


def _construction_permits(city: City) -> bytes:
    rng = city.lots("construction_permits")
    headings = ("施工许可证编号", "工程名称", "建设单位", "统一社会信用代码")
    rows: list[Row] = [(*headings, "建筑面积（平方米）", "合同价格（万元）", "发证日期")]
    for number in range(1, 1501):
        company = rng.choice(city.companies)
        issued = city.recent_day(rng, days=700)
        rows.append(
            (
                f"{UNASSIGNED_DIVISION}{issued:%Y%m%d}{number:04d}",
                f"{rng.choice(tuple(DISTRICTS.values()))}{number}号工程",
                company.name,
                company.uscc,
                dirt.sometimes(rng, 0.05, "/", dirt.thousands(rng.randrange(800, 90000))),
                dirt.thousands(rng.randrange(100, 50000)),
                dirt.mixed_date(rng, issued),
            )
        )
    return csv_bytes(rows, encoding="gbk")


def rental_filings(city: City) -> Handover:
    """Clean data; it is the catalog entry that is not complete."""
    rng = city.lots("rental_filings")
    rows: list[Row] = [("备案编号", "区划代码", "面积（平方米）", "月租金（元）", "备案日期")]
    for number in range(1, 701):
        area, rent = rng.randrange(20, 160), rng.randrange(600, 6000)
        district, day = rng.choice(tuple(DISTRICTS)), city.recent_day(rng, days=60)
        rows.append((f"ZL{number:06d}", district, f"{area}", dirt.thousands(rent), f"{day}"))
    return Handover(body="housing", name="房屋租赁备案_202603.csv", content=csv_bytes(rows))


def air_quality(city: City) -> Handover:
    """Hourly, in three spellings of a moment."""
    rng = city.lots("air_quality")
    rows: list[Row] = [("站点", "监测时间", "AQI", "PM2.5")]
    last = datetime.combine(city.as_of, time(23))
    for hours in range(_DAYS * 24):
        moment = last - timedelta(hours=hours)
        rows += [_measured(rng, station, moment) for station in _STATIONS]
    return Handover(body="environment", name="空气质量_202603.csv", content=csv_bytes(rows))


def _measured(rng: Random, station: str, moment: datetime) -> Row:
    index = dirt.sometimes(rng, 0.01, "—", str(rng.randrange(20, 180)))
    return (station, dirt.mixed_moment(rng, moment), index, f"{rng.uniform(5, 120):.1f}")


def water_quality(city: City) -> Handover:
    """Ruined codes, missing and impossible values, rows twice: not good enough to open."""
    rng = city.lots("water_quality")
    rows: list[Row] = [("断面编码", "采样日期", "水质类别", "pH", "溶解氧")]
    for number in range(1, 2501):
        section = f"990100{number:06d}"
        rows.append(
            (
                dirt.sometimes(rng, 0.4, dirt.scientific(section), section),
                dirt.sometimes(rng, 0.1, "2.01905E+13", f"{city.recent_day(rng, days=30)}"),
                rng.choice(("Ⅱ", "Ⅲ", "Ⅳ", "II", "劣")),
                dirt.sometimes(rng, 0.2, "-7.4", f"{rng.uniform(6, 9):.2f}"),
                dirt.sometimes(rng, 0.3, "", f"{rng.uniform(3, 12):.2f}"),
            )
        )
    rows += rows[1:201]
    return Handover(body="environment", name="水质监测_202603.csv", content=csv_bytes(rows))


def venues(city: City) -> Handover:
    """Good data that nobody has listed yet."""
    rng = city.lots("venues")
    rows: list[Row] = [("场馆编号", "场馆名称", "场馆类别", "区划代码", "开放时间", "更新日期")]
    for number in range(1, 151):
        code, district = rng.choice(tuple(DISTRICTS.items()))
        kind = rng.choice(("图书馆", "文化馆", "博物馆"))
        day = city.recent_day(rng, days=80)
        rows.append(
            (f"CG{number:04d}", f"{district}{number}号{kind}", kind, code, "09:00-17:00", f"{day}")
        )
    return Handover(body="culture", name="文化场馆_2026.csv", content=csv_bytes(rows))


def scenic_visits(city: City) -> Handover:
    """JSON with thousands separators; whether it is open is undecided."""
    rng = city.lots("scenic_visits")
    rows: list[Row] = [("景区名称", "日期", "客流量（人次）")]
    for days in range(150):
        day = city.as_of - timedelta(days=days)
        rows += [(scenic, f"{day}", dirt.thousands(rng.randrange(80, 25000))) for scenic in _SCENIC]
    content = json_bytes(rows, records="data.items")
    return Handover(body="culture", name="景区客流_202603.json", content=content)


def shelters(city: City) -> Handover:
    """Numbers as typed with a Chinese keyboard."""
    rng = city.lots("shelters")
    rows: list[Row] = [
        ("场所编号", "场所名称", "区划代码", "面积（平方米）", "可容纳人数", "更新日期")
    ]
    for number in range(1, 301):
        code, district = rng.choice(tuple(DISTRICTS.items()))
        area = rng.randrange(500, 30000)
        rows.append(
            (
                dirt.full_width(f"YJ{number:04d}"),
                f"{district}{number}号避难场所",
                code,
                dirt.full_width(str(area)),
                dirt.full_width(str(area // 3)),
                f"{city.recent_day(rng, days=80)}",
            )
        )
    return Handover(body="emergency", name="应急避难场所_2026.csv", content=csv_bytes(rows))


def safety_inspections(city: City) -> Handover:
    """The agreed column 检查结论 is not there."""
    rng = city.lots("safety_inspections")
    rows: list[Row] = [("检查单号", "被检查单位", "检查日期")]
    for number in range(1, 501):
        company = rng.choice(city.companies)
        rows.append((f"AJ{number:06d}", company.name, f"{city.recent_day(rng, days=30)}"))
    return Handover(body="emergency", name="执法检查_202603.csv", content=csv_bytes(rows))


TABLES: tuple[Callable[[City], Handover], ...] = (
    bus_stops,
    building_permits,
    municipal_permits,
    rental_filings,
    air_quality,
    water_quality,
    venues,
    scenic_visits,
    shelters,
    safety_inspections,
)
