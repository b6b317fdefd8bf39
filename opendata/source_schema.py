"""How a ``source`` is spelled in a catalog entry: a file, a database table or an address.

Only shapes; the values they become are ``source.py``, the rest of an entry ``catalog_schema.py``.
"""

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError


class Spelling(BaseModel):
    """Unknown keys are mistakes: a misspelt key must not silently mean “absent”."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _below_the_inbox(given: str) -> str:
    parts = PurePosixPath(given).parts
    if not parts or parts[0].startswith("/") or ".." in parts:
        raise PydanticCustomError(
            "outside",
            "this leads out of the inbox; name a file, or a pattern such as 企业登记*.csv, below "
            "inbox/<body>/, without `..` and without a `/` in front.",
        )
    return given


InboxPattern = Annotated[str, Field(min_length=1), AfterValidator(_below_the_inbox)]
OneCharacter = Annotated[str, Field(min_length=1, max_length=1)]


class ExchangeFile(Spelling):
    """``source.exchange``: a table of an exchange database (前置机)."""

    connection: str = Field(description="连接: a name under `connections` in opendata.yaml")
    table: str = Field(min_length=1, description="表: its name, with the schema before a dot")
    watermark: str | None = Field(
        default=None,
        description="增量标记: the column of times, dates or growing numbers that tells what is "
        "new; the whole table is read when absent",
    )
    overlap_seconds: int = Field(
        default=0,
        ge=0,
        description="重读秒数: how far before the last mark reading starts, for clocks that differ",
    )


class PullFile(Spelling):
    """``source.pull``: a file or paged JSON at an address."""

    url: str = Field(pattern=r"^https?://", description="地址: of an allowed host")
    pages: str | None = Field(
        default=None, description="页码参数: the query parameter that counts pages from 1"
    )
    page_size: int | None = Field(default=None, ge=1, description="每页条数: records asked for")
    page_size_parameter: str | None = Field(
        default=None, description="每页条数参数: the query parameter that asks for them"
    )


class SourceFile(Spelling):
    """``source``: one table as it is handed over, and where inside the file it lies."""

    files: InboxPattern | None = Field(
        default=None,
        description="文件: name or pattern below inbox/<body>/ that exactly one file matches",
    )
    exchange: ExchangeFile | None = Field(
        default=None, description="前置机: a database table that is read instead of a file"
    )
    pull: PullFile | None = Field(
        default=None, description="拉取: an address that is fetched instead of a file"
    )
    header_row: int = Field(
        default=1,
        ge=0,
        description="标题行: record of the headings, from 1; 0 when there is none",
    )
    header_rows: int = Field(
        default=1,
        ge=1,
        description="标题行数: how many records the headings span; parts are joined by `/`",
    )
    footer_rows: int = Field(
        default=0, ge=0, description="表尾: how many records at the end are no data"
    )
    sheet: str | None = Field(
        default=None,
        description="工作表: name of the sheet; the first with cells when absent",
    )
    records: str | None = Field(
        default=None,
        description="记录所在: keys to the list of records in a JSON document, such as data.items",
    )
    encoding: str | None = Field(
        default=None,
        description="字符编码: such as gb18030; utf-8-sig, utf-8 and gb18030 are tried when absent",
    )
    delimiter: OneCharacter = Field(default=",", description="分隔符: what parts the columns")
    quote: Annotated[str, Field(max_length=1)] = Field(
        default='"', description='引号: what encloses a quoted cell; "" when nothing does'
    )
    padded: bool = Field(
        default=False,
        description="short records are filled with nulls; otherwise one refuses the whole file",
    )
    blank_rows: bool = Field(
        default=False, description="wholly blank records are skipped and counted, not read as rows"
    )
    null_spellings: tuple[str, ...] = Field(
        default=(), description="空值写法: texts that stand for nothing, beside the empty text"
    )
    ignored_headings: tuple[str, ...] = Field(
        default=(),
        description='不采集的标题: headings the catalog leaves out; "" for columns without heading',
    )
    columns: dict[str, str] | None = Field(
        default=None,
        description="column name to heading, for hand-written SQL only; otherwise from `fields`",
    )
