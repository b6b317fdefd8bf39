"""What the whole file says about a draft: types that hold, required fields, keys, the data time."""

from collections.abc import Iterator, Sequence
from datetime import date

from opendata.vocabulary import Action, FieldType, Semantic
from pipelines.drafting.fields import Drafted
from pipelines.drafting.naming import has_word
from pipelines.drafting.proving import Proof, Spread
from pipelines.drafting.seen import Confidence, Proposal

SURE, LIKELY, OPEN = Confidence.SURE, Confidence.LIKELY, Confidence.OPEN

_DATES = (FieldType.DATE, FieldType.DATETIME)
_BORNE = 0.1
_NEARLY = 0.97
_PAIRED = 6
_GAPS = (
    (1.5, "每日"),
    (8, "每周"),
    (12, "每旬"),
    (20, "每半月"),
    (45, "每月"),
    (120, "每季度"),
    (220, "每半年"),
    (500, "每年"),
)


def unread_types(fields: Sequence[Drafted], proof: Proof) -> dict[str, int]:
    """Fields whose type the standard casts refuse too often, with the count: text after all."""
    return {
        field.name: proof.fields[field.name].bad
        for field in fields
        if field.kind
        and not field.kind.kept_when_bad
        and proof.fields[field.name].bad > _BORNE * max(field.column.filled, 1)
    }


def required_of(fields: Sequence[Drafted], proof: Proof) -> Iterator[Proposal]:
    """``required`` where every row has a value; ``remark`` where casts refuse some."""
    for field in fields:
        counted = proof.fields[field.name]
        if counted.bad:
            said = f"全文件 {counted.bad:,} 个值不能按此类型读出，将记为问题数据"
            yield field.says("type", LIKELY, said, loud=True)
        dropped = field.meaning is not None and field.meaning.action is Action.DROP
        if dropped or not proof.rows:
            continue
        if counted.filled + counted.bad == proof.rows:
            yield field.says("required", SURE, f"全文件 {proof.rows:,} 行均有值", value=True)


def people_missed(fields: Sequence[Drafted], proof: Proof) -> Iterator[Proposal]:
    """Citizen IDs of the whole file in text fields whose sample showed too few to say so."""
    for field in fields:
        known = field.meaning is not None and field.meaning.action is not None
        wide = field.column.longest >= 18
        if known or not wide or field.type is not FieldType.TEXT:
            continue
        count = proof.citizen_ids(field.name)
        serial = field.column.share("id_shaped") > 0.5  # one in eleven of these passes by chance
        if count and not serial:
            said = f"全文件 {count:,} 个值为公民身份号码（按校验位），须先与报送单位核实"
            yield field.says("title", OPEN, said, loud=True)


# --- Keys ----------------------------------------------------------------------------------


def keys_of(fields: Sequence[Drafted], proof: Proof) -> Iterator[Proposal]:
    """``key``: one field that tells all rows apart, else nearly, else the smallest pair.

    A running number tells the rows of one file apart and nothing beyond: it comes last.
    """
    if proof.rows < 2:
        return
    able = sorted((each for each in fields if _may_be_key(each)), key=_key_rank)
    lasting = [each for each in able if not has_word(each.title, "sequence")]
    for find in (_one_key, _near_key, _pair_key):
        if found := find(lasting, proof):
            yield from found
            return
    for field in able:
        if _is_unique(field, proof):
            said = "各不相同，但序号只在本文件内有效，宜另定主键"
            yield field.says("key", OPEN, said, value=True, loud=True)
            return


Keys = tuple[Proposal, ...]


def _one_key(fields: Sequence[Drafted], proof: Proof) -> Keys:
    field = next((each for each in fields if _is_unique(each, proof)), None)
    if field is None:
        return ()
    said = f"{proof.rows:,} 行各不相同，无空值"
    return (field.says("key", LIKELY if _is_identity(field) else OPEN, said, value=True),)


def _near_key(fields: Sequence[Drafted], proof: Proof) -> Keys:
    field = next((each for each in fields if _nearly(each, proof)), None)
    if field is None:
        return ()
    again = proof.rows - proof.distinct([field.name])
    said = f"编号类字段，但有 {again:,} 行为空或与他行重复；若确为主键，这些行将记为问题数据"
    return (field.says("key", OPEN, said, value=True, loud=True),)


def _pair_key(fields: Sequence[Drafted], proof: Proof) -> Keys:
    whole = [each for each in fields if proof.fields[each.name].filled == proof.rows]
    varied = sorted(whole, key=lambda each: _pair_rank(each, proof))[:_PAIRED]
    pair = proof.likely_pair([each.name for each in varied]) or ()
    said = f"与另一主键字段合起来，{proof.rows:,} 行各不相同"
    return tuple(each.says("key", OPEN, said, value=True) for each in fields if each.name in pair)


def _may_be_key(field: Drafted) -> bool:
    figures = field.type in (*_DATES, FieldType.DECIMAL)
    treated = field.meaning is not None and field.meaning.action is not None
    return not figures and not treated and field.column.longest <= 64


def _key_rank(field: Drafted) -> tuple[int, int]:
    return (not _is_identity(field), field.column.place)


def _is_identity(field: Drafted) -> bool:
    return has_word(field.title, "identity") or field.name == "id"


def _pair_rank(field: Drafted, proof: Proof) -> tuple[bool, int]:
    """Codes before names: a name changes, a code does not."""
    coded = field.meaning is not None and field.meaning.semantic in (Semantic.SERIAL, Semantic.USCC)
    return (not coded, -proof.fields[field.name].distinct)


def _is_unique(field: Drafted, proof: Proof) -> bool:
    counted = proof.fields[field.name]
    close = counted.filled == proof.rows and counted.distinct >= 0.9 * proof.rows
    return close and proof.distinct([field.name]) == proof.rows


def _nearly(field: Drafted, proof: Proof) -> bool:
    coded = field.meaning is not None and field.meaning.semantic in (Semantic.SERIAL, Semantic.USCC)
    return coded and proof.fields[field.name].distinct >= _NEARLY * proof.rows


# --- Data time -----------------------------------------------------------------------------


def data_time_of(fields: Sequence[Drafted], proof: Proof, *, as_of: date) -> Iterator[Proposal]:
    """``data_time.field``, and what its spread says about the frequency, as remarks only."""
    ranked = sorted(
        (rank, each.column.place, each) for each in fields if (rank := _time_rank(each))
    )
    for rank, _, field in ranked:
        spread = proof.spread(field.name, as_of=as_of)
        if not spread.filled or spread.ahead:
            continue
        said = f"“{field.title}”在 {len(ranked)} 个候选日期列中最像数据时间；"
        said += f"{spread.filled:,} 个值，{spread.days:,} 个不同日期，均不晚于今日"
        yield Proposal(
            keys=("data_time", "field"),
            value=field.name,
            confidence=LIKELY if rank <= 2 else OPEN,
            evidence=said,
        )
        yield from _frequency(spread)
        return


def _time_rank(field: Drafted) -> int:
    """1 for what says when data were updated, 4 for any other date; 0 for what cannot be it."""
    if field.type not in _DATES or (field.meaning and field.meaning.action):
        return 0
    lists = ("best_data_time", "good_data_time", "no_data_time", "fair_data_time")
    for rank, words in zip((1, 2, 0, 3), lists, strict=True):
        if has_word(field.title, words):
            return rank
    return 4


def _frequency(spread: Spread) -> Iterator[Proposal]:
    if spread.median_gap is None:
        said = "数据时间只有一个日期，看不出频率"
    else:
        likes = next((word for most, word in _GAPS if spread.median_gap <= most), "不定期")
        said = f"数据时间跨 {spread.months:,} 个月份，相邻日期间隔中位数 {spread.median_gap:g} 天，"
        said += f"近似“{likes}”；这是业务日期的疏密，不是承诺，由管理员填写"
    yield Proposal(keys=("update_frequency",), value=None, confidence=OPEN, evidence=said)
