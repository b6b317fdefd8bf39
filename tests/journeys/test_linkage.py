"""Each table hides everybody in it; beside what is open, or its last version, it may not."""

import json
import shutil
from collections.abc import Iterable
from typing import Any

import pytest

from tests.journeys.homes import City, Kept, Ran, Row, csv_text

MEMBER: dict[str, Any] = {
    "title": "会员号",
    "role": "直接标识符",
    "action": "假名",
    "purpose": "统计",
}
QUASI = {"role": "准标识符", "action": "保留", "ground": "公共利益"}
YEAR = {"title": "出生年份", **QUASI}
STREET = {"title": "街道", **QUASI}
NAME = {
    "title": "姓名",
    "semantic": "自然人姓名",
    "role": "直接标识符",
    "action": "保留",
    "ground": "依法公开",
}
DAY = {"title": "更新日期", "type": "date", "required": True}
UNTIL = ("--until", "2027-12-31")
SIGNED = ("--by", "王某", "--role", "评估组组长", "--reason", "经评估风险可以接受", *UNTIL)


def hands(city: City, dataset: str, headings: Row, rows: Iterable[Row]) -> None:
    city.hands_over(dataset, csv_text(rows, headings=headings))


def years(count: int = 40) -> list[Row]:
    return [(f"M{n:03}", str(1980 + n % 4), "2026-03-15") for n in range(count)]


def streets(count: int = 40) -> list[Row]:
    return [(f"M{n:03}", f"第{n // 4 % 4}街道", "2026-03-15") for n in range(count)]


def lists(city: City, dataset: str, fields: dict[str, Any], **changes: Any) -> None:
    given = {"fields": fields | {"updated_on": DAY}, "release": {"k": 5}} | changes
    city.lists(dataset, **given)


def of_years(city: City, rows: list[Row] | None = None) -> None:
    lists(city, "aid", {"member": MEMBER, "born": YEAR})
    hands(city, "aid", ("会员号", "出生年份", "更新日期"), rows or years())


def of_streets(city: City, member: dict[str, Any] = MEMBER) -> None:
    lists(city, "clubs", {"member": member, "street": STREET})
    hands(city, "clubs", ("会员号", "街道", "更新日期"), streets())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Years of birth are open; streets of the same people, by the same pseudonym, were refused."""
    city = City.found(tmp_path_factory.mktemp("linkage") / "home")
    of_years(city)
    city.run("aid")
    of_streets(city)
    city.put("refused.json", city.run().out)
    return Kept.of(city)


@pytest.fixture
def joined(kept: Kept) -> City:
    return kept.again()


@pytest.fixture(scope="module")
def assessed(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> City:
    """The same, assessed with the committee's opinion and open side by side; for looking only."""
    city = City(tmp_path_factory.mktemp("assessed") / "home")
    shutil.copytree(kept.copy, city.root)
    assess(city, "--opinion", "专家委〔2026〕7号")
    assert verdicts(city.run())["clubs"] == "released"
    return city


def verdicts(ran: Ran) -> dict[str, str]:
    return {each["id"]: each["verdict"] for each in ran.json}


def said(ran: Ran, dataset: str) -> list[str]:
    return [each["text"] for each in ran.outcomes[dataset]["reasons"] if each["rule"] == "RSK-03"]


def assess(city: City, *words: str) -> Ran:
    return city.opendata("risk", "assess", "clubs", *SIGNED, *words)


def test_two_tables_of_large_groups_are_not_opened_beside_each_other(joined: City) -> None:
    ran = Ran(3, (joined.root / "refused.json").read_text(encoding="utf-8"), "")

    (text,) = said(ran, "clubs")
    assert text == (
        "数据汇聚、关联可能产生涉敏、涉密数据，安全评估未完成：“clubs目录”与已开放的“aid目录”按会员号"
        "关联，两边均唯一并且对应的有40条，其中40条合并后的同类组不足5条，由此可得知“出生年份”、"
        "“更新日期”。"
    )
    (reason,) = ran.outcomes["clubs"]["reasons"]
    assert reason["clause"] == "xian-open-2022/32.4"
    assert verdicts(ran)["aid"] == "released"


def test_xian_asks_for_the_assessment_and_the_committees_opinion(joined: City) -> None:
    first = assess(joined)
    without = joined.run()
    assess(joined, "--opinion", "专家委〔2026〕7号")
    ran = joined.run()

    assert "尚缺专家委员会意见" in first.out
    assert said(without, "clubs")[0].startswith("数据汇聚、关联的安全评估未附专家委员会意见")
    assert verdicts(ran)["clubs"] == "released"
    assert [each["clauses"] for each in joined.events("assessed")] == [["xian-open-2022/32.4"]] * 2


def test_chongqing_may_ask_the_committee_and_needs_only_the_assessment(joined: City) -> None:
    settings = joined.root / "opendata.yaml"
    settings.write_text(settings.read_text().replace("xian-open-2022", "chongqing-open"))
    assert joined.run().outcomes["clubs"]["reasons"][0]["clause"] == "chongqing-open/37.4"

    assert "尚缺" not in assess(joined).out
    assert verdicts(joined.run())["clubs"] == "released"


def test_an_assessment_ends_with_its_term_and_with_what_it_was_about(joined: City) -> None:
    assess(joined, "--opinion", "专家委〔2026〕7号")
    late = joined.run(as_of="2028-01-01")
    lists(joined, "clubs", {"member": MEMBER, "street": STREET | {"required": True}})

    assert said(late, "clubs")
    assert said(joined.run(), "clubs")


def test_what_is_not_opened_joins_with_nothing(joined: City) -> None:
    lists(joined, "clubs", {"member": MEMBER, "street": {"title": "街道", "action": "删除"}})

    assert verdicts(joined.run())["clubs"] == "released"


def test_another_purpose_gives_another_pseudonym_and_nothing_to_join(joined: City) -> None:
    of_streets(joined, MEMBER | {"purpose": "核查"})

    assert verdicts(joined.run())["clubs"] == "released"


def test_names_beside_what_hides_people_are_never_assessed_away(joined: City) -> None:
    joined.put("catalog/elements.yaml", "elements: {file_no: {title: 档案号}}\n")
    file_no = {"title": "档案号", "element": "file_no"}
    hands(joined, "aid", ("出生年份", "档案号", "更新日期"), [
        (str(1960 + n // 2), f"D{n}", "2026-03-15") for n in range(80)
    ])  # fmt: skip
    lists(joined, "aid", {"born": YEAR, "file_no": file_no}, release={"k": 2})
    assert verdicts(joined.run("aid"))["aid"] == "released"
    lists(joined, "clubs", {"name": NAME, "file_no": file_no, "born": {"title": "出生年份"}})
    hands(joined, "clubs", ("姓名", "档案号", "出生年份", "更新日期"), [
        (f"王{'一二三四五六七八九十'[n % 10]}", f"D{n}", str(1960 + n // 2), "2026-03-15")
        for n in range(60)
    ])  # fmt: skip
    ran = joined.run()

    assert said(ran, "clubs")[0].startswith("与已开放的数据关联可以指名识别特定个人：")
    assert assess(joined).code == 2
    assert "no assessment lifts that" in assess(joined).err


# --- a version and the one before it


@pytest.mark.parametrize(("more", "opens"), [(1, False), (20, True)], ids=["alone", "in_a_crowd"])
def test_who_joins_alone_is_told_by_comparing_two_versions(
    city: City, more: int, *, opens: bool
) -> None:
    of_years(city)
    city.run()
    of_years(city, [*years(), *((f"N{n}", str(1980 + n % 4), "2026-03-15") for n in range(more))])

    ran = city.run()

    assert (verdicts(ran)["aid"] == "released") is opens
    if not opens:
        assert "单独新增的记录<5条" in said(ran, "aid")[0]
        assert [each["version"] for each in city.manifest()["datasets"].values()] == [1]


# --- everything open, as the night does it


def test_the_pass_over_the_store_finds_what_was_opened_side_by_side(assessed: City) -> None:
    city = assessed

    ran = city.opendata("risk", "linkage")
    page = (city.root / "reports" / "data-linkage.html").read_text(encoding="utf-8")
    twin = json.loads((city.root / "reports" / "data-linkage.json").read_text(encoding="utf-8"))

    assert "涉及个人的数据集2个，两两比对1对，并与上一版本对照，发现1项" in ran.out
    assert [each["verdict"] for each in twin["lines"]] == ["review"]
    assert twin["lines"][0]["covered"] == "王某（评估组组长），至2027-12-31"
    assert "送审材料（草稿）" in page
    assert "应当征求专家委员会意见" in page
    overview = (city.root / "reports" / "index.html").read_text(encoding="utf-8")
    assert "data-linkage.html" in overview


def test_sketches_that_are_lost_are_made_again(assessed: City) -> None:
    city = assessed
    before = city.opendata("risk", "linkage", "--json").json
    for each in city.root.glob("state.sqlite*"):
        each.unlink()

    assert city.opendata("risk", "linkage", "--json").json == before


def test_what_the_catalog_no_longer_lists_still_counts_as_open(joined: City) -> None:
    (joined.root / "catalog" / "market" / "aid.yaml").unlink()

    assert said(joined.run(), "clubs")


def test_the_pages_say_what_was_compared(joined: City) -> None:
    pages = {
        each: (joined.root / "reports" / f"{each}.html").read_text(encoding="utf-8")
        for each in ("aid", "clubs")
    }

    assert "与已开放的0个涉及个人的数据集及上一版本比对，未发现关联风险。" in pages["aid"]
    assert "须经安全评估：“clubs目录”与已开放的“aid目录”按会员号关联" in pages["clubs"]


# --- the verbs


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("assess", "aid", *SIGNED), "nothing was found to assess"),
        (("assess", "clubs", *SIGNED[:-1], "2020-01-01"), "is over; give a term to come"),
        (("assess", "gone", *SIGNED), "gone"),
        (("frontier", "gone"), "gone"),
    ],
    ids=["nothing_found", "over", "unknown", "frontier_unknown"],
)
def test_what_cannot_be_entered_is_told(joined: City, words: Row, message: str) -> None:
    ran = joined.opendata("risk", *words)

    assert (ran.code, message in ran.err) == (2, True)
    assert joined.events("assessed") == []


def test_the_frontier_is_proposed_and_no_entry_is_changed(joined: City) -> None:
    entry = joined.root / "catalog" / "market" / "clubs.yaml"
    before = entry.read_bytes()

    ran = joined.opendata("risk", "frontier", "clubs", "--k", "15")
    told = joined.opendata("risk", "frontier", "clubs", "--k", "15", "--json").json

    assert "要求：最小同类组不少于15条，删去的记录不超过0%。" in ran.out
    assert "方案1（推荐：保留的信息最多）　街道 不开放" in ran.out
    assert "    street: {action: 删除}" in ran.out
    assert [each["levels"] for each in told["choices"]] == [[1]]
    assert entry.read_bytes() == before


def test_the_frontier_of_what_was_never_run_is_refused(city: City) -> None:
    of_streets(city)
    ran = city.opendata("risk", "frontier", "clubs")

    assert (ran.code, "`opendata run clubs` first" in ran.err) == (2, True)
