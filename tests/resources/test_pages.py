"""Paged JSON: every record once, spelled as it was sent, from pages that belong together."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from opendata.errors import SourceError
from opendata.source import Pull, Source
from resources.json_records import json_records
from resources.pull import pull
from resources.pulled import Pulled
from tests.resources.sites import Answering, Exchange, Site

EXACT = '{"code":91310000123456789012345678,"rate":1.100,"big":0.1000000000000000055,"e":1E+2}'


def number_of(exchange: Exchange) -> int:
    return int(parse_qs(urlsplit(exchange.path).query)["page"][0])


def pages(*given: Any, beyond: Any = "[]") -> Answering:
    """Page n is the n-th text, or JSON of what is given; ``beyond`` follows the last."""
    texts = [each if isinstance(each, str) else json.dumps(each) for each in given]

    def answer(exchange: Exchange) -> None:
        number = number_of(exchange)
        exchange.says(200, (texts[number - 1] if number <= len(texts) else beyond).encode())

    return answer


def people(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    return [{"no": each, "name": f"名{each}", **more} for each in numbers]


def pulled(site: Site, into: Path, *, query: str = "", size: int | None = 2, **of: Any) -> Pulled:
    asked = Pull(
        url=site.url(f"/api{query}"),
        pages="page",
        page_size=size,
        page_size_parameter="size" if size else None,
    )
    columns = (("no", "no"), ("name", "name"))
    given: dict[str, Any] = {"id": "main", "columns": columns, "pull": asked}
    source = Source(**given | of)
    return pull(source, site.limits(), into=into, sleep=lambda _: None, stall_seconds=5.0)


def lines(done: Pulled) -> list[str]:
    return done.path.read_text(encoding="utf-8").splitlines()


def refused(answer: Answering, into: Path, **changes: Any) -> SourceError:
    with Site(answer) as site, pytest.raises(SourceError) as error:
        pulled(site, into, **changes)
    return error.value


def test_pages_become_the_lines_of_one_file_in_their_order(tmp_path: Path) -> None:
    with Site(pages(people(3, 1), people(2, 9), people(4))) as site:
        done = pulled(site, tmp_path, query="?kind=x&page=7")

    assert [json.loads(each)["no"] for each in lines(done)] == [3, 1, 2, 9, 4]
    assert done.path.name == "pages.ndjson"
    assert site.asked == [f"/api?kind=x&page={n}&size=2" for n in (1, 2, 3)]


def test_without_a_size_the_end_is_an_empty_page(tmp_path: Path) -> None:
    with Site(pages(people(1, 2), people(3))) as site:
        done = pulled(site, tmp_path, size=None)

    assert len(lines(done)) == 3
    assert len(site.asked) == 3


def test_a_last_page_that_is_full_is_followed_by_an_empty_one(tmp_path: Path) -> None:
    with Site(pages(people(1, 2), people(3, 4))) as site:
        assert len(lines(pulled(site, tmp_path))) == 4


def test_numbers_keep_their_spelling_and_records_their_order_of_keys(tmp_path: Path) -> None:
    page = f'{{"data": {{"items": [{EXACT}]}}, "total": 1}}'

    with Site(pages(page, beyond='{"data": null}')) as site:
        done = pulled(site, tmp_path, records="data.items")

    assert lines(done) == [EXACT]


def test_records_written_over_several_lines_become_one_line_each(tmp_path: Path) -> None:
    text = json.dumps({"rows": people(1, 2)}, indent=2, ensure_ascii=False)

    with Site(pages(text, beyond='{"rows": []}')) as site:
        done = pulled(site, tmp_path, records="rows")

    assert [json.loads(each) for each in lines(done)] == people(1, 2)


def test_gbk_is_read_when_the_entry_says_so_and_written_as_utf_8(tmp_path: Path) -> None:
    content = json.dumps(people(1), ensure_ascii=False).encode("gb18030")

    with Site(lambda each: each.says(200, content)) as site:
        done = pulled(site, tmp_path, encoding="gb18030", size=5)

    assert json.loads(lines(done)[0])["name"] == "名1"


def test_pages_are_read_as_bare_records_in_utf_8_and_files_as_they_came() -> None:
    asked = Pull(url="http://a.cn/x", pages="page")
    given = Source(id="main", columns=(), pull=asked, records="data.items", encoding="gb18030")
    file = replace(given, pull=replace(asked, pages=None))

    assert given.as_collected == replace(given, records=None, encoding="utf-8")
    assert file.as_collected == file


def test_pulling_the_same_pages_again_changes_nothing(tmp_path: Path) -> None:
    with Site(pages(people(1, 2), people(3))) as site:
        first = pulled(site, tmp_path)
        before = first.path.stat()
        second = pulled(site, tmp_path)

    assert not second.changed
    assert second.path.stat() == before


def test_a_page_that_fails_is_asked_for_again_and_the_others_are_not(tmp_path: Path) -> None:
    failed: list[int] = []
    answer = pages(people(1, 2), people(3))

    def flaky(exchange: Exchange) -> None:
        if number_of(exchange) == 2 and not failed:
            failed.append(2)
            exchange.says(500)
        else:
            answer(exchange)

    with Site(flaky) as site:
        done = pulled(site, tmp_path)

    assert len(lines(done)) == 3
    assert len(site.asked) == 3


def test_keys_that_are_left_out_where_empty_are_no_change_of_schema(tmp_path: Path) -> None:
    sparse = [{"no": 3, "name": "丙"}, {"no": 4}]

    with Site(pages(people(1, 2), sparse, [{"no": 5, "name": "戊"}])) as site:
        assert len(lines(pulled(site, tmp_path))) == 5


def test_a_key_of_the_contract_may_show_up_on_a_later_page(tmp_path: Path) -> None:
    columns = (("no", "no"), ("name", "name"), ("note", "备注"))

    with Site(pages(people(1, 2), people(3, 备注="x"))) as site:
        assert len(lines(pulled(site, tmp_path, columns=columns))) == 3


@pytest.mark.parametrize(
    "second",
    [[{"no": 3, "title": "丙"}], [{"no": 3}, {"no": 4}], people(3, extra=1)],
    ids=["renamed", "gone", "new"],
)
def test_another_schema_on_a_later_page_is_refused_and_the_file_before_stays(
    tmp_path: Path, second: Any
) -> None:
    with Site(pages(people(1))) as site:
        before = pulled(site, tmp_path).path

    error = refused(pages(people(1, 2), second), tmp_path)

    assert str(error).endswith(
        "/api: page 2: its records have other keys than those of page 1; pull again, and ask the "
        "provider whether the interface changed"
    )
    assert error.reason.endswith(
        "/api”第 2 页的字段与第 1 页不同，请重新拉取，并向提供方核实接口是否变更。"
    )
    assert len(before.read_text().splitlines()) == 1


def test_a_server_that_does_not_know_the_parameter_is_found_out(tmp_path: Path) -> None:
    error = refused(lambda each: each.says(200, json.dumps(people(1, 2)).encode()), tmp_path)

    assert "page 2: it is the page before once more" in str(error)
    assert error.reason.endswith("第 2 页与前一页相同，请核对页码参数的名称。")


def test_a_server_that_gives_fewer_than_asked_for_is_found_out(tmp_path: Path) -> None:
    error = refused(pages(people(1, 2), people(3, 4), people(5)), tmp_path, size=100)

    assert "it holds 2 records where 100 were asked for, and more follow" in str(error)
    assert "请把每页条数改为服务方实际给出的条数" in error.reason


@pytest.mark.parametrize("beyond", ["same", "empty", "gone"])
def test_one_short_page_is_all_there_is(tmp_path: Path, beyond: str) -> None:
    def answer(exchange: Exchange) -> None:
        if number_of(exchange) == 1 or beyond == "same":
            exchange.says(200, json.dumps(people(1)).encode())
        else:
            exchange.says(404 if beyond == "gone" else 200, b"[]")

    with Site(answer) as site:
        assert len(lines(pulled(site, tmp_path))) == 1


def test_a_page_not_found_is_the_end_only_when_it_is_not_found_twice(tmp_path: Path) -> None:
    lost: list[int] = []
    answer = pages(people(1, 2), people(3, 4), people(5))

    def shaky(exchange: Exchange) -> None:
        number = number_of(exchange)
        if number == 2 and not lost:
            lost.append(number)
            exchange.says(404, b"{}")
        else:
            answer(exchange)

    with Site(shaky) as site:
        assert len(lines(pulled(site, tmp_path))) == 5


@pytest.mark.parametrize(
    "text",
    [
        "<html>登录</html>",
        '[{"no": 1}',
        '[{"no": 1}] x',
        '[{"no": NaN}]',
        "",
        '{"a" 1}',
        '[{"no": 1},]',
        "[" * 100_000,
    ],
    ids=["html", "cut", "more", "nan", "empty", "broken", "comma", "deep"],
)
def test_a_page_that_is_not_json_is_refused(tmp_path: Path, text: str) -> None:
    error = refused(pages(text), tmp_path)

    assert "page 1: it is not JSON; check the address" in str(error)
    assert error.reason.endswith("第 1 页不是 JSON，请核对网址以及是否允许访问。")


@pytest.mark.parametrize(
    ("text", "records"),
    [('{"code": 500}', "data.items"), ('{"data": {}}', "data"), ("[1, 2]", None), ("3", None)],
    ids=["absent", "no list", "no objects", "scalar"],
)
def test_a_page_without_a_list_of_records_is_refused(
    tmp_path: Path, text: str, records: str | None
) -> None:
    error = refused(pages(text), tmp_path, records=records)

    assert f"there is no list of records at {records or 'its top'!r}" in str(error)


def test_a_page_in_another_encoding_is_refused(tmp_path: Path) -> None:
    content = json.dumps(people(1), ensure_ascii=False).encode("gb18030")

    error = refused(lambda each: each.says(200, content), tmp_path)

    assert "page 1: it is not utf-8; set `encoding`" in str(error)


def test_nothing_at_all_is_refused(tmp_path: Path) -> None:
    error = refused(pages(), tmp_path)

    assert "page 1: it holds no records" in str(error)


def test_pages_without_end_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resources.pages.MOST_PAGES", 3)

    def endless(exchange: Exchange) -> None:
        exchange.says(200, json.dumps(people(number_of(exchange), 0)).encode())

    error = refused(endless, tmp_path)

    assert "there are more than 3 pages" in str(error)


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ('{"a": [{"x": -0, "y": 1.50}], "b": [3]}', ["a"], ['{"x": -0, "y": 1.50}']),
        ('\n [ {"x": "}],\\n"} ,{"x": "\\ud800"}]\n', [], ['{"x": "}],\\n"}', '{"x": "\\ud800"}']),
        (f'[{{"x": {"9" * 5000}}}]', [], [f'{{"x": {"9" * 5000}}}']),
        ("[]", [], []),
        ('{"d": {"r": [{}]}}', ["d", "r"], ["{}"]),
    ],
    ids=["numbers", "strings", "long", "none", "deep"],
)
def test_records_are_cut_out_as_they_are_spelled(
    text: str, path: Sequence[str], told: list[str]
) -> None:
    assert [each.text for each in json_records(text, path)] == told


def test_a_large_page_is_one_too_large(tmp_path: Path) -> None:
    filler: Callable[[Exchange], None] = lambda each: each.says(200, b" " * (33 << 20))  # noqa: E731

    assert "more than the 32 MB" in str(refused(filler, tmp_path))
