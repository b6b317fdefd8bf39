"""A new year's notice is taken in whole, wins over the shipped year, and moves the deadlines."""

from datetime import date
from pathlib import Path

import pytest

from opendata.workdays import Calendar
from resources.calendar_file import calendar_of
from resources.home import Home
from tests.journeys.homes import City, rows_of

HEADING = "when,kind,note"
NOTICE = "国办发明电〔2026〕9号"
DAYS_OFF = (
    *("2027-01-01", "2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-02-11"),
    *("2027-02-12", "2027-04-05", "2027-05-03", "2027-05-04", "2027-05-05", "2027-06-09"),
    *("2027-09-15", "2027-10-01", "2027-10-04", "2027-10-05", "2027-10-06", "2027-10-07"),
)
WORKED = ("2027-02-14", "2027-02-20", "2027-05-08", "2027-09-26", "2027-10-09")
YEAR_2027 = "\n".join(
    (
        HEADING,
        f"2027,published,{NOTICE}",
        *(f"{day},holiday,放假" for day in DAYS_OFF),
        *(f"{day},workday,调休" for day in WORKED),
    )
)
SHIPPED = Path(__file__).parents[2] / "opendata" / "calendars" / "cn.csv"
ROWS_2026 = [row for row in SHIPPED.read_text(encoding="utf-8").splitlines() if row[:4] == "2026"]


def imported(city: City, content: str | bytes, name: str = "notice.csv") -> tuple[int, str]:
    file = city.put(f"given/{name}", content)
    ran = city.opendata("calendar", "import", str(file))
    return ran.code, ran.out + ran.err


def kept(city: City) -> list[str]:
    return sorted(path.name for path in (city.root / "calendar").glob("*.csv"))


def calendar(city: City) -> Calendar:
    return calendar_of(Home.find(city.root))


def test_an_imported_year_is_published_and_no_longer_provisional(city: City) -> None:
    code, said = imported(city, YEAR_2027)

    assert code == 0
    assert said.splitlines()[1] == f"2027年  工作日248天  {NOTICE}；本市导入"
    due = calendar(city).add_workdays(date(2026, 12, 31), 1)
    assert (due.day, due.provisional) == (date(2027, 1, 4), False)
    assert calendar(city).is_workday(date(2027, 2, 14))
    assert kept(city) == ["2027.csv"]


def test_importing_it_again_replaces_the_year_as_a_whole(city: City) -> None:
    imported(city, YEAR_2027)

    without = YEAR_2027.replace("2027-06-09,holiday,放假\n", "").replace("9号", "10号")
    assert imported(city, without)[0] == 0

    assert calendar(city).is_workday(date(2027, 6, 9))
    assert calendar(city).source(2027) == "国办发明电〔2026〕10号"
    assert kept(city) == ["2027.csv"]


def test_a_file_may_publish_several_years_and_is_kept_by_year(city: City) -> None:
    of_2028 = YEAR_2027.replace("2027", "2028").replace(f"{HEADING}\n", "")
    weekends = {"2028-01-01", "2028-02-05", "2028-02-12"}
    worked = [f"2028-{each[5:]}" for each in WORKED]
    rows = [row for row in of_2028.splitlines() if row[:10] not in {*weekends, *worked}]

    code, said = imported(city, "\n".join((YEAR_2027, *rows)))

    assert (code, kept(city)) == (0, ["2027.csv", "2028.csv"]), said
    assert calendar(city).last == date(2028, 12, 31)


def test_an_imported_year_wins_over_the_shipped_one_and_both_are_told(city: City) -> None:
    moved = [row.replace("2026-10-10,workday", "2026-10-11,workday") for row in ROWS_2026]

    code, said = imported(city, "\n".join((HEADING, *moved)))

    assert code == 0
    assert "与随产品提供的安排有2天不同，以导入的为准：2026年10月10日、2026年10月11日" in said
    assert not calendar(city).is_workday(date(2026, 10, 10))
    assert calendar(city).is_workday(date(2026, 10, 11))
    assert calendar(city).is_workday(date(2026, 10, 9))
    shown = city.opendata("calendar", "show", "2026").out
    assert "以导入的为准" in shown
    assert "10月11日（周日）" in shown


def test_an_imported_year_that_says_what_is_shipped_is_told_as_such(city: City) -> None:
    assert "与随产品提供的安排一致" in imported(city, "\n".join((HEADING, *ROWS_2026)))[1]


def test_a_file_of_a_spreadsheet_is_read(city: City) -> None:
    assert imported(city, YEAR_2027.replace("\n", "\r\n").encode("gb18030"))[0] == 0
    assert calendar(city).source(2027) == NOTICE
    assert imported(city, "\ufeff" + YEAR_2027)[0] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "its first line must be"),
        ("日期,类型,说明\n2027,published,x\n", "its first line must be"),
        (b"\xff\xfe\x00\x81", "is no text"),
        (HEADING + "\n", "publishes no year"),
        (YEAR_2027 + "\n2027-13-01,holiday,x", "notice.csv:26: a calendar row is"),
        (YEAR_2027 + "\n20270301,holiday,x", "notice.csv:26: a calendar row is"),
        (YEAR_2027 + "\n2027-03-01,休息,x", "notice.csv:26: a calendar row is"),
        (YEAR_2027 + "\n2027-03-01,holiday", "notice.csv:26: a calendar row is"),
        (YEAR_2027 + "\n0000,published,x", "notice.csv:26: a calendar row is"),
        (YEAR_2027 + "\n\u0662\u0660\u0662\u0668,published,x", "notice.csv:26: a calendar row is"),
        (YEAR_2027 + "\n2027-10-01,workday,x", "2027-10-01 stands there 2 times"),
        (YEAR_2027 + "\n2028-10-02,holiday,x", "2028-10-02 is of a year the file does not publish"),
        (YEAR_2027 + "\n2027-03-02,workday,x", "2027-03-02 is a working day by itself"),
        (YEAR_2027.replace(NOTICE, "  "), "2027 is published without its notice"),
        ("\n".join(YEAR_2027.splitlines()[:4]), "2027 would have 259 working days"),
        (YEAR_2027.replace("2027", "2029"), "2029"),
        (YEAR_2027.replace("\n", '\n"', 2), "notice.csv"),
        (YEAR_2027 + "\n2027-03-01,holiday,\x00", "notice.csv"),
    ],
    ids=[
        *("empty", "heading", "bytes", "no_year", "no_date", "spelling", "kind", "cells"),
        *("year_0", "digits", "doubled", "stray", "plain_workday", "no_notice", "half_a_year"),
        *("gap", "quotes", "nul"),
    ],
)
def test_a_file_with_a_mistake_changes_nothing(city: City, content: str | bytes, said: str) -> None:
    imported(city, YEAR_2027.replace("9号", "8号"))
    before = (city.root / "calendar" / "2027.csv").read_bytes()

    code, told = imported(city, content)

    assert code == 2, told
    assert said in told
    assert kept(city) == ["2027.csv"]
    assert (city.root / "calendar" / "2027.csv").read_bytes() == before
    assert len(city.events("settings")) == 1


def test_a_year_that_does_not_join_the_published_ones_is_refused(city: City) -> None:
    for year in ("2003", "2028"):
        rows = [row.replace("2026", year, 1) for row in ROWS_2026 if ",workday," not in row]

        code, told = imported(city, "\n".join((HEADING, *rows)))

        assert (code, kept(city)) == (2, [])
        assert f"{year} does not join the published years 2004 to 2026" in told


def test_a_kept_file_that_was_damaged_is_named_and_not_guessed_around(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(2))
    city.run()
    imported(city, YEAR_2027)
    city.put("calendar/2027.csv", "when,kind,note\n2027,publ")

    for words in (("calendar", "show"), ("status",), ("run",), ("report",)):
        ran = city.opendata(*words)
        assert ran.code == 2
        assert "2027.csv:2: a calendar row is" in ran.err


def test_an_import_is_entered_in_the_record(city: City) -> None:
    imported(city, YEAR_2027)

    assert [each["detail"] for each in city.events("settings")] == [{"calendar": {"2027": NOTICE}}]


def test_an_import_moves_the_due_day_of_what_is_promised_every_working_day(city: City) -> None:
    city.lists("parks", update_frequency="每工作日", grace_days=0)
    city.hands_over("parks", [("P-0001", "公园", "2027-02-04")])
    city.run(as_of="2027-02-08")

    def shown() -> str:
        return str(city.opendata("status", "--as-of", "2027-02-08", "--json").json[0]["freshness"])

    assert shown() == "overdue"
    imported(city, YEAR_2027)
    assert shown() == "on_time"


def test_every_year_is_shown_with_its_notice_and_what_is_provisional(city: City) -> None:
    told = city.opendata("calendar", "show", "--json").json

    by_year = {each["year"]: each for each in told["years"]}
    assert list(by_year) == list(range(2004, 2029))
    assert by_year[2026]["workdays"] == 248
    assert by_year[2026]["notice"] == "国办发明电〔2025〕7号"
    assert [year for year, each in by_year.items() if each["provisional"]] == [2027, 2028]


def test_a_region_with_unverified_days_says_that_its_years_are_provisional(tmp_path: Path) -> None:
    city = City.found(tmp_path / "city", region="cn-gx")

    told = city.opendata("calendar", "show", "--json").json["years"]

    assert {each["year"] for each in told if not each["provisional"]} == set(range(2004, 2014))
    assert imported(city, YEAR_2027)[0] == 0


def test_a_regions_own_days_outlive_a_national_import(tmp_path: Path) -> None:
    city = City.found(tmp_path / "city", region="cn-gx")
    of_2025 = [row for row in SHIPPED.read_text(encoding="utf-8").splitlines() if row[:4] == "2025"]

    assert imported(city, "\n".join((HEADING, *of_2025)))[0] == 0

    assert not calendar(city).is_workday(date(2025, 3, 31))
