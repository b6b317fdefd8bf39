"""How reading an exchange database (前置机) fails: English and Chinese, and never a driver's words.

Drivers quote addresses, statements, values and passwords in what they raise. So nothing of their
text is passed on: an error is told by its SQLSTATE, its number or a word it holds, and what is said
about each kind of failure is written here.
"""

import re
from dataclasses import dataclass

from opendata.errors import SourceError
from opendata.settings import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One kind of failure: the signs it is known by, and what is said about it."""

    codes: tuple[str, ...]
    words: tuple[str, ...]
    message: str
    reason: str


LOGIN = Failure(
    codes=("28P01", "28000", "1045", "1044", "1698"),
    words=(
        "authentication failed",
        "access denied",
        "no password supplied",
        "role ",
        "pg_hba",
        "认证失败",
    ),
    message="the server refuses the user, the password or an unencrypted connection; correct "
    "`url`, `tls` or what `secret` names",
    reason="拒绝登录，请由管理员核对用户名、口令和加密方式。",
)
TLS = Failure(
    codes=("2026",),
    words=("ssl", "tls", "certificate"),
    message="no encrypted connection could be agreed on; enable TLS on the server, correct "
    "`tls_ca`, or decide on `tls: disable`",
    reason="不能建立加密连接，请由管理员检查服务器的 TLS 设置和证书。",
)
NOT_THERE = Failure(
    codes=("42P01", "3F000", "1146", "1049", "3D000"),
    words=("no such table", "does not exist", "不存在"),
    message="the database or the table is not there, or not to be seen by this user; correct "
    "`exchange.table` or `url`",
    reason="中没有该数据库或数据表，请核对表名，或确认是否已被删除。",
)
COLUMN_GONE = Failure(
    codes=("42703", "1054"),
    words=("no such column",),
    message="a column went away while the table was read; run again",
    reason="的表结构在读取时发生变化，请重新运行。",
)
FORBIDDEN = Failure(
    codes=("42501", "1142", "1143"),
    words=("permission denied",),
    message="the user may not read the table; grant SELECT on it",
    reason="未授权读取该数据表，请由管理员授予查询权限。",
)
CANCELLED = Failure(
    codes=("57014", "1969", "3024", "1317", "55P03", "1205"),
    words=("canceling statement", "execution was interrupted", "max_statement_time", "取消"),
    message="the server cancelled the statement; raise `statement_timeout_seconds`, read by "
    "`watermark`, or ask who cancelled it",
    reason="的查询超时或被取消，请稍后重试，或由管理员调整查询时限。",
)
UNREACHABLE = Failure(
    codes=("08001", "2003", "2005"),
    words=("could not translate host", "connection refused", "can't connect", "no route",
           "timeout expired", "name or service", "unable to open database"),
    message="the server cannot be reached; correct host and port in `url`, or see that it runs",
    reason="无法连接，请核对地址和端口，或确认服务器是否运行。",
)  # fmt: skip
LOST = Failure(
    codes=("08006", "08003", "57P01", "57P02", "57P03", "2013", "2006", "1927", "25P03", "08P01"),
    words=("server closed", "lost connection", "connection reset", "broken pipe", "no connection",
           "terminating connection", "中断联接", "packet sequence", "eof detected"),
    message="the server closed the connection before everything was read; run again",
    reason="在读取过程中断开了连接，请重新运行。",
)  # fmt: skip
STALLED = Failure(
    codes=(),
    words=("timed out",),
    message="the server has stopped answering; see that it runs, then run again",
    reason="长时间没有响应，请确认服务器状态后重新运行。",
)
UNDRIVEN = Failure(
    codes=(),
    words=("can't load plugin", "no module named"),
    message="no driver for this kind of database is installed; install the SQLAlchemy dialect and "
    "driver of its vendor beside this program",
    reason="缺少该类数据库的驱动程序，请由管理员安装。",
)
UNREADABLE = Failure(
    codes=(),
    words=("codec can't decode", "invalid utf8", "invalid utf-8"),
    message="a text is not in the encoding the server or the contract states; correct "
    "`source.encoding`, or have the text repaired",
    reason="中有不符合所述编码的文字，请核对编码或更正数据。",
)
_ORDER = (LOGIN, NOT_THERE, COLUMN_GONE, FORBIDDEN, CANCELLED, LOST, UNREACHABLE, STALLED,
          UNREADABLE, TLS, UNDRIVEN)  # fmt: skip
_CODE = re.compile(r"[0-9]{3,5}|[0-9A-Z]{5}")
_SQLSTATE = re.compile(r"SQLSTATE: ([0-9A-Z]{5})")


def cannot_open(connection: Connection, message: str, *, reason: str) -> SourceError:
    """A refusal to use a connection at all."""
    return SourceError(
        f"connection {connection.id!r}: {message}", reason=f"前置机“{connection.id}”{reason}"
    )


def cannot_read(connection: Connection, table: str, message: str, *, reason: str) -> SourceError:
    """A refusal of one table; ``reason`` continues a sentence that names it, in Chinese."""
    return SourceError(
        f"table {table!r} of connection {connection.id!r}: {message}",
        reason=f"前置机“{connection.id}”的数据表“{table}”{reason}",
    )


def explained(error: BaseException, connection: Connection, table: str) -> SourceError:
    """What a driver's error means, in our own words; an error in our words stays, alone."""
    if isinstance(error, SourceError):
        return SourceError(str(error), reason=error.reason)
    codes = _codes(error)
    failure = _about_certificates(error) or _by_codes(codes) or _by_words(error)
    if failure is None:
        told = f" (code {codes[0]})" if codes else f" ({type(error).__name__})"
        return cannot_read(
            connection,
            table,
            f"the driver reports a failure{told}; run again, and look into the server's own log",
            reason=f"读取失败{told}，请重新运行，或由管理员查看服务器日志。",
        )
    return SourceError(
        f"table {table!r} of connection {connection.id!r}: {failure.message}",
        reason=f"前置机“{connection.id}”{failure.reason}（数据表“{table}”）",
    )


def _codes(error: BaseException) -> list[str]:
    """Error number and SQLSTATE, from the error or from the driver's own that it wraps."""
    origin = getattr(error, "orig", None) or error
    number = next((each for each in origin.args[:1] if isinstance(each, int)), None)
    stated = _SQLSTATE.search(str(origin))
    found = (number, getattr(origin, "sqlstate", None), stated[1] if stated else None)
    return [str(each) for each in found if each is not None and _CODE.fullmatch(str(each))]


def _about_certificates(error: BaseException) -> Failure | None:
    """A certificate that is not trusted, which MySQL's number calls a server not reached."""
    text = str(getattr(error, "orig", None) or error).lower()
    return TLS if "certificate verify failed" in text else None


def _by_codes(codes: list[str]) -> Failure | None:
    return next((each for code in codes for each in _ORDER if code in each.codes), None)


def _by_words(error: BaseException) -> Failure | None:
    text = str(getattr(error, "orig", None) or error).lower()
    return next((each for each in _ORDER if any(word in text for word in each.words)), None)
