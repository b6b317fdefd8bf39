"""Pages of JSON: asked for one after the other from 1, their records as lines of one file.

What the pages of one pull must have in common is said here: the same keys, something new on each,
an end. Reading one page is ``json_records.py``.
"""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import BinaryIO

from opendata.errors import SourceError
from opendata.source import Pull, Source
from resources.addresses import Address, cannot_pull
from resources.answer import Answer
from resources.json_records import Record, json_records
from resources.web import Web

MOST_PAGES = 10_000
_LARGEST_PAGE = 32 << 20
Page = tuple[Record, ...]


def write_pages(web: Web, source: Source, address: Address, stream: BinaryIO) -> None:
    """Write the records of every page to ``stream`` as they are spelled, one a line, in UTF-8.

    Raises:
        SourceError: a page cannot be fetched or read, or does not belong to those before.
    """
    if source.pull is None or source.pull.pages is None:
        raise TypeError(f"the source {source.id!r} has no pages")
    pages, room = _Pages(web, source, address, source.pull, source.pull.pages), web.max_bytes
    for page in pages.all():
        for record in page:
            line = record.text.encode() + b"\n"
            room -= len(line)
            if room < 0:
                raise _too_much(address, web.limits.max_megabytes)
            stream.write(line)


@dataclass(frozen=True, slots=True)
class _Pages:
    web: Web
    source: Source
    address: Address
    asked: Pull
    counter: str

    def all(self) -> Iterator[Page]:
        """Every page up to the last, each compared with the first and the one before."""
        first = before = self._page(1)
        if not first:
            raise self._refused(1, "it holds no records", "没有数据记录")
        number = 1
        while before:
            yield before
            if self._is_last(before, number):
                return
            number += 1
            page = self._page(number)
            self._compare(number, page, before=before, first=first)
            before = page

    def _is_last(self, page: Page, number: int) -> bool:
        """Fewer records than asked for; on page 1 that may as well be the server's own limit."""
        short = self.asked.page_size is not None and len(page) < self.asked.page_size
        if short and number == 1 and (rest := self._page(2)) and rest != page:
            raise self._refused(
                1,
                f"it holds {len(page)} records where {self.asked.page_size} were asked for, and "
                "more follow; set `page_size` to what the server gives",
                f"只返回 {len(page)} 条而其后仍有数据，请把每页条数改为服务方实际给出的条数",
            )
        return short

    def _compare(self, number: int, page: Page, *, before: Page, first: Page) -> None:
        if number > MOST_PAGES:
            raise self._refused(
                number,
                f"there are more than {MOST_PAGES} pages; ask for more records a page",
                f"超过 {MOST_PAGES} 页，请增加每页条数",
            )
        if page and page == before:
            raise self._refused(
                number,
                "it is the page before once more; check that `pages` names the right parameter",
                "与前一页相同，请核对页码参数的名称",
            )
        if page and self._is_of_another_shape(page, first):
            raise self._refused(
                number,
                "its records have other keys than those of page 1; pull again, and ask the "
                "provider whether the interface changed",
                "的字段与第 1 页不同，请重新拉取，并向提供方核实接口是否变更",
            )

    def _is_of_another_shape(self, page: Page, first: Page) -> bool:
        """New keys nobody named, or none of a key that every record of the first page has.

        Many interfaces leave out what is empty, so that a key may be missing here and there.
        """
        there, known = _union(page), _union(first)
        named = {heading for _, heading in self.source.columns}
        always = reduce(frozenset.intersection, (each.keys for each in first))
        return bool(there - known - named or always - there)

    def _page(self, number: int) -> Page:
        """The records of a page; none beyond the last, where some servers answer 404.

        One 404 may be an accident: it counts when page 1 is still there and it is given twice.
        """
        content = self._content(number)
        if content is None:
            self._page(1)
            content = self._content(number)
        return () if content is None else self._records(number, content)

    def _content(self, number: int) -> bytes | None:
        also = {404} if number > 1 else set[int]()
        return self.web.fetch(self._address_of(number), _whole, also=also)

    def _address_of(self, number: int) -> Address:
        parameters = {self.counter: number}
        if self.asked.page_size and self.asked.page_size_parameter:
            parameters[self.asked.page_size_parameter] = self.asked.page_size
        return self.address.asking(**parameters)

    def _records(self, number: int, content: bytes) -> Page:
        encoding = codecs.lookup(self.source.encoding or "utf-8").name
        try:
            text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
            return json_records(text, _path(self.source.records))
        except UnicodeDecodeError:
            raise self._refused(
                number, f"it is not {encoding}; set `encoding`", f"不是 {encoding} 编码"
            ) from None
        except ValueError:
            raise self._refused(
                number,
                "it is not JSON; check the address, and whether it may be read without signing in",
                "不是 JSON，请核对网址以及是否允许访问",
            ) from None
        except LookupError:
            raise self._refused(
                number,
                f"there is no list of records at {self.source.records or 'its top'!r}; set "
                "`records` to the keys that lead to it",
                "中没有找到记录列表，请核对记录所在",
            ) from None

    def _refused(self, number: int, message: str, reason: str) -> SourceError:
        return cannot_pull(
            self.address, f"page {number}: {message}", reason=f"第 {number} 页{reason}。"
        )


def _whole(answer: Answer) -> bytes | None:
    content = b"".join(answer.chunks(_LARGEST_PAGE))
    return None if answer.status == 404 else content


def _union(page: Page) -> frozenset[str]:
    return frozenset[str]().union(*(each.keys for each in page))


def _path(records: str | None) -> Sequence[str]:
    return records.split(".") if records else ()


def _too_much(address: Address, megabytes: int) -> SourceError:
    return cannot_pull(
        address,
        f"its pages hold more than the {megabytes} MB that are allowed; raise "
        "`pulling.max_megabytes` in opendata.yaml, or ask for less",
        reason=f"各页合计超过允许的 {megabytes} MB，请缩小范围或调整上限。",
    )
