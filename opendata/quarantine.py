"""Quarantine (问题数据): the states of a row that was set aside, and what a clerk is asked of it.

Values and words only. Who sets rows aside is ``quality/flags.py``; where the clerk's answers are
kept, ``resources/corrections.py``; the sheet that travels, ``resources/correction_sheet.py``.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from opendata.catalog import Dataset
from opendata.findings import Expectation
from opendata.plain import fingerprint_of
from opendata.vocabulary import Term
from opendata.waivers import Waiver, holding

_LAYOUT = "QD1"
_LONGEST = 1000
EMPTY_SHAPE = "（空）"
"""How a cell without a value is shown, and how a clerk says that there is to be none."""


class RowState(Term):
    """Where a row stands that was 问题数据 once."""

    PENDING = "待处理"
    REPAIRED = "已修复"
    WAIVED = "例外处理"
    REPUBLISHED = "已重新开放"
    STRUCK = "已作废"


class Reply(Term):
    """What a clerk may answer to one line of the 问题数据整改单."""

    CORRECTED = "已改正"
    STRUCK = "作废本行"
    EXCEPTION = "确认无误申请例外"
    UNVERIFIABLE = "无法核实"


class Fault(Term):
    """Why a cell of a sheet that came back was refused, for the record: a kind and no value."""

    FOREIGN = "编号不属于现行整改单"
    ALTERED = "固定内容被改动"
    REPLACED = "文件已被取代"
    REPEATED = "同一格重复"
    UNREADABLE = "公式、错误值或者合并的单元格"
    REPLY = "回复不在选项之内"
    INCOMPLETE = "缺少改正后的值或者说明"
    UNFIT = "填写的内容不能接收"
    BARRED = "不得例外处理"
    CONTRADICTED = "与其他回复矛盾"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Spot:
    """One cell of a file as it was received: the file's SHA-256, the record from 1, the field."""

    sha256: str
    record: int
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A clerk's answer about one spot, from the ``number``-th sheet that came back.

    ``was`` is the cell's text as received and ``value`` what is to stand there, both raw: an answer
    stays under ``restricted/``. ``rules`` are ids of the rules the spot broke when it was answered
    for (the whole row, where it is struck out), ``said`` the clerk's own words, ``issued`` the
    number in the code of the sheet.
    """

    spot: Spot
    reply: Reply
    rules: tuple[str, ...]
    was: str | None = None
    value: str | None = None
    said: str = ""
    issued: int = 0
    number: int = 0

    def repeats(self, other: "Answer | None") -> bool:
        """Whether the other answer says the same of the same spot."""
        mine = (self.spot, self.reply, self.value, self.said)
        return other is not None and mine == (other.spot, other.reply, other.value, other.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the 问题数据整改单: a spot in the words of the file, and what to do with it.

    ``row`` is the record number in the file, as Excel counts rows; ``sheet`` says which sheet of a
    workbook; ``shape`` is the value, masked. ``broken`` are the sentences of the rules, ``mend``
    says how to put it right, ``waivable`` whether an exception may be asked for.
    """

    spot: Spot
    file: str
    sheet: str
    row: int
    heading: str
    shape: str
    rules: tuple[str, ...]
    broken: str
    mend: str
    waivable: bool = True

    @property
    def printed(self) -> tuple[str, ...]:
        """What the line says, in the order of the sheet's columns."""
        where = (self.file, self.sheet, str(self.row), self.heading)
        return tuple(map(_printable, (*where, self.shape, self.broken, self.mend)))

    @property
    def key(self) -> str:
        """What tells the line when it comes back; see ``is_key_of``."""
        spot = self.spot
        return _signed(f"{spot.sha256[:16]}.{spot.record}.{spot.field}", self.printed)


def is_key_of(key: str, printed: Sequence[str]) -> bool:
    """Whether a line still says what it said when it was given this key.

    >>> key = _signed("abababababababab.7.no", ["a.csv", "编号"])
    >>> is_key_of(key, ["a.csv", "编号"]), is_key_of(key, ["b.csv", "编号"])
    (True, False)
    """
    return _signed(key.rpartition(".")[0], printed) == key


def code_of(dataset_id: str, issued: int) -> str:
    """What tells a sheet: how it is laid out, whose it is, how many came back when it was made.

    >>> code_of("parks", 2), told_by("QD1.parks.2.0123456789")
    ('QD1.parks.2.f9bbb0d48f', None)
    """
    return _signed(f"{_LAYOUT}.{dataset_id}.{issued}", ())


def told_by(code: str) -> tuple[str, int] | None:
    """The dataset and the number a sheet of this layout was given; None of any other sheet."""
    place, _, _ = code.rpartition(".")
    layout, _, rest = place.partition(".")
    dataset_id, _, issued = rest.rpartition(".")
    if layout != _LAYOUT or not issued.isdecimal() or _signed(place, ()) != code:
        return None
    return dataset_id, int(issued)


def _printable(text: str) -> str:
    """One line of a cell: no control characters, no blanks a spreadsheet would drop."""
    seen = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(seen.split())[:_LONGEST]


def _signed(place: str, printed: Sequence[str]) -> str:
    return f"{place}.{fingerprint_of([place, *printed])[:10]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """An exception a clerk asks for: the row's spot, the file's name, and the rule it is to pass.

    ``fingerprint`` is what a waiver of it binds to; ``granted`` whether one holds.
    """

    spot: Spot
    file: str
    rule: str
    description: str
    fingerprint: str
    granted: bool = False


def fields_of(expectation: Expectation) -> tuple[str, ...]:
    """The fields a row rule looks at."""
    single = (expectation.kwargs.get(each) for each in ("column", "column_A", "column_B"))
    return (*filter(None, single), *expectation.kwargs.get("column_list", ()))


def mend_of(expectations: Iterable[Expectation]) -> str:
    """How a cell that breaks these rules is put right, in sentences for a clerk."""
    return "".join(dict.fromkeys(_MEND.get(each.type, _OTHERWISE) for each in expectations))


def may_be_waived(expectations: Iterable[Expectation]) -> bool:
    """Whether a row may pass these rules as it is.

    Not where its value is none of the type declared, and lost therefore, nor where it shares its
    key with another row.
    """
    return not any(each.type in _NEVER_WAIVED for each in expectations)


def row_fingerprint(dataset: Dataset, expectation: Expectation, spot: Spot) -> str:
    """What the waiver of one rule for one row binds to: the row as received, and the rule."""
    return fingerprint_of([dataset.id, spot.sha256, spot.record, expectation])


def asked_for(
    dataset: Dataset,
    answers: Iterable[Answer],
    rules: Mapping[str, Expectation],
    files: Mapping[str, str],
) -> tuple[AskedFor, ...]:
    """The exceptions these answers ask for, once a row and rule; ``files`` are names by SHA-256.

    What is asked of a file that counts no more, of a row that was corrected or struck out since, or
    of a rule that is not in the suite any more, is not asked any more.
    """
    answers = tuple(answers)
    mended = {
        (each.spot.sha256, each.spot.record): each.number
        for each in answers
        if each.reply in (Reply.CORRECTED, Reply.STRUCK)
    }
    found = {
        (each.spot.sha256, each.spot.record, rule): AskedFor(
            spot=each.spot,
            file=files[each.spot.sha256],
            rule=rule,
            description=rules[rule].description,
            fingerprint=row_fingerprint(dataset, rules[rule], each.spot),
        )
        for each in answers
        if each.reply is Reply.EXCEPTION
        and each.spot.sha256 in files
        and each.number >= mended.get((each.spot.sha256, each.spot.record), 0)
        for rule in each.rules
        if rule in rules
    }
    return tuple(found.values())


def granted(
    asked: Iterable[AskedFor], waivers: Collection[Waiver], as_of: date
) -> Iterator[AskedFor]:
    """The same exceptions, each with whether a waiver holds for it on that day."""
    held = holding(waivers, as_of)
    for each in asked:
        yield replace(each, granted=(each.rule, each.fingerprint) in held)


_NEVER_WAIVED = frozenset(
    {
        "expect_column_values_to_be_of_type",
        "expect_column_values_to_be_unique",
        "expect_compound_columns_to_be_unique",
    }
)
_OTHERWISE = "对照规则逐项核实，改为正确的值。"
_PAIR = "核对有关的各列，把不正确的一列改正。"
_RANGE = "核对原始材料，改为规定范围内的正确值。"
_DIGITS = "对照证件或原始材料逐位核对，改为正确的号码。"
_DUPLICATE = "核实是否重复登记：编号有误的改正编号；确属重复的，在多余的那一行选“作废本行”。"
_MEND: Mapping[str, str] = {
    "expect_column_values_to_not_be_null": "查明后补填；确无此项的，请在说明中写明原因。",
    "expect_column_values_to_be_null": f"此项不应填写，改正后的值写“{EMPTY_SHAPE}”。",
    "expect_column_values_to_be_of_type": "改为规范的写法：数字只写数字，日期写作 2026-01-31。",
    "expect_column_values_to_be_in_set": "改为代码表中的代码，不写名称或其他写法。",
    "expect_column_values_to_not_be_in_set": _OTHERWISE,
    "expect_column_values_to_match_regex": "按规则要求的格式书写，注意多余的空格和全角字符。",
    "expect_column_values_to_be_between": _RANGE,
    "expect_column_values_to_be_plausible_date": _RANGE,
    "expect_column_value_lengths_to_be_between": "核对位数，补齐缺少的或者删去多余的字符。",
    "expect_column_value_lengths_to_equal": "核对位数，补齐缺少的或者删去多余的字符。",
    "expect_column_pair_values_a_to_be_greater_than_b": _PAIR,
    "expect_column_pair_values_to_be_equal": _PAIR,
    "expect_multicolumn_sum_to_equal": _PAIR,
    "expect_select_column_values_to_be_unique_within_record": _PAIR,
    "expect_column_values_to_be_unique": _DUPLICATE,
    "expect_compound_columns_to_be_unique": _DUPLICATE,
    "expect_column_values_to_be_valid_uscc": _DIGITS,
    "expect_column_values_to_be_valid_citizen_id": _DIGITS,
    "expect_column_values_to_be_valid_mobile": _DIGITS,
    "expect_column_values_to_be_valid_bank_card": _DIGITS,
}
