"""What a column holds: meaning by value, check digit and heading together, and what to do with it.

Small functions in ``MEANINGS``, the first that knows speaks. What a column is called counts for
less than what passes a check digit: leaks stand under headings that promise something else.
"""

from collections.abc import Callable
from dataclasses import dataclass

from opendata.catalog_schema import PERSONAL_SEMANTICS
from opendata.field_checks import TELLING_WORDS
from opendata.vocabulary import Action, Role, Semantic
from pipelines.drafting.naming import has_word
from pipelines.drafting.seen import Column, Confidence

CHANCE = 1 / 11
"""How often any 18 characters of an ID's form pass its check character (GB 11643, MOD 11-2)."""

SURE, LIKELY, OPEN = Confidence.SURE, Confidence.LIKELY, Confidence.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a column is taken for; without a semantic only its treatment is proposed."""

    semantic: Semantic | None = None
    role: Role = Role.PLAIN
    action: Action | None = None
    preset: str | None = None
    confidence: Confidence
    evidence: str
    loud: bool = False


_TREATMENTS: dict[Semantic, tuple[Role, Action, str | None]] = {
    **dict.fromkeys(PERSONAL_SEMANTICS, (Role.DIRECT, Action.DROP, None)),
    Semantic.ADDRESS: (Role.QUASI, Action.GENERALISE, "区县"),
    Semantic.FREE_TEXT: (Role.SENSITIVE, Action.REDACT_SPANS, None),
}


def _means(semantic: Semantic, confidence: Confidence, said: str, *, loud: bool = False) -> Meaning:
    role, action, preset = _TREATMENTS.get(semantic, (Role.PLAIN, None, None))
    return Meaning(
        semantic=semantic,
        role=role,
        action=action,
        preset=preset,
        confidence=confidence,
        evidence=said,
        loud=loud,
    )


def _hidden_until_decided(said: str, *, role: Role = Role.DIRECT, loud: bool = True) -> Meaning:
    return Meaning(role=role, action=Action.DROP, confidence=OPEN, evidence=said, loud=loud)


def _of(column: Column, *shapes: str) -> str:
    return f"{column.count(*shapes):,}／{column.filled:,}"


# --- By check digit ------------------------------------------------------------------------


def _citizen_ids(column: Column) -> Meaning | None:
    passed, shaped = column.count("citizen_id"), column.count("id_shaped")
    longer = column.share("id_with_suffix")
    if longer > 0.5:
        said = f"{_of(column, 'id_with_suffix')} 个值为公民身份号码后加位（如个体税号），先按删除"
        return _hidden_until_decided(said)
    if not shaped or shaped < 0.5 * column.filled:
        return None
    share = passed / shaped
    said = f"{shaped:,} 个值形似公民身份号码，{passed:,} 个（{share:.0%}）通过校验位"
    if share > 0.5:
        odd = not has_word(column.heading, "citizen_id")
        warning = "；标题未言明，内容实为公民身份号码" if odd and column.heading else ""
        sure = SURE if share > 0.9 and shaped >= 5 else LIKELY
        return _means(Semantic.CITIZEN_ID, sure, said + warning, loud=odd)
    if shaped >= 20 and share <= 0.25 and not has_word(column.heading, "citizen_id"):
        chance = f"，接近随机的 {CHANCE:.0%}，视为 18 位业务编号"
        return _means(Semantic.SERIAL, LIKELY, said + chance)
    return _hidden_until_decided(f"{said}，介于编号与身份号码之间，请管理员判定，先按删除")


def _mixed_ids(column: Column) -> Meaning | None:
    if column.share("citizen_id", "id_with_suffix", "old_id") < 0.05:
        return None
    if column.share("uscc") > 0.9:
        return None
    said = f"{_of(column, 'citizen_id', 'id_with_suffix')} 个值为公民身份号码，与其他号码混在一列"
    return _hidden_until_decided(f"{said}，请管理员判定，先按删除")


def _credit_codes(column: Column) -> Meaning | None:
    named = has_word(column.heading, "uscc")
    valid, said = column.share("uscc"), f"{_of(column, 'uscc')} 个值通过 GB 32100 校验"
    damage = _damage(column)
    if valid >= 0.9:
        return _means(Semantic.USCC, SURE, said + damage, loud=bool(damage))
    if valid >= 0.5 or (named and valid >= 0.3):
        return _means(Semantic.USCC, LIKELY, said + damage, loud=bool(damage))
    spoilt = column.count("masked", "scientific")
    if named and (column.count("uscc") or spoilt):
        return _means(Semantic.USCC, OPEN, said + damage, loud=True)
    return None


def _damage(column: Column) -> str:
    said = ""
    if count := column.count("any_inside"):
        said += f"；{count:,} 个值夹有他人号码或姓名"
    if count := column.count("masked"):
        said += f"；{count:,} 个被遮盖（公开的代码不应遮盖）"
    if count := column.count("scientific"):
        said += f"；{count:,} 个成了科学计数法，已损坏，须重新报送"
    return said


def _cards(column: Column) -> Meaning | None:
    share = column.share("card")
    if share < 0.5 or not (has_word(column.heading, "card") or share > 0.9):
        return None
    return _means(Semantic.BANK_CARD, LIKELY, f"{_of(column, 'card')} 个值为 62 开头并通过校验")


# --- By form and heading -------------------------------------------------------------------


def _contacts(column: Column) -> Meaning | None:
    headed = has_word(column.heading, "phone", "mobile")
    said = f"{_of(column, 'mobile')} 个值为手机号，{_of(column, 'landline')} 个像固定电话"
    if column.share("mobile") > 0.5:
        return _means(Semantic.MOBILE, SURE if headed else LIKELY, said, loud=not headed)
    if headed and column.share("mobile", "landline") > 0.5:
        return _means(Semantic.LANDLINE, LIKELY, said)
    if headed:
        return _hidden_until_decided(f"标题为联系方式，{said}，先按删除", loud=False)
    return None


def _emails(column: Column) -> Meaning | None:
    if column.share("email") > 0.5:
        return _means(Semantic.EMAIL, SURE, f"{_of(column, 'email')} 个值为邮箱")
    return None


def _plates(column: Column) -> Meaning | None:
    if column.share("plate") > 0.5:
        return _means(Semantic.PLATE, LIKELY, f"{_of(column, 'plate')} 个值为号牌形状")
    return None


def _persons(column: Column) -> Meaning | None:
    share = column.share("person", "masked_person")
    said = f"{_of(column, 'person', 'masked_person')} 个值像自然人姓名"
    if has_word(column.heading, "person") and column.share("organisation") < 0.5:
        return _means(Semantic.PERSON_NAME, LIKELY if share > 0.5 else OPEN, f"标题与值：{said}")
    if share > 0.9 and column.distinct >= 50:
        return _means(Semantic.PERSON_NAME, OPEN, f"标题未言明，{said}", loud=True)
    return None


def _texts_with_people(column: Column) -> Meaning | None:
    count = column.count("any_inside")
    if not count:
        return None
    kinds = "、".join(
        f"{kind.value} {column.count(kind.code + '_inside'):,}"
        for kind in Semantic
        if column.count(f"{kind.code}_inside")
    )
    said = f"{count:,}／{column.filled:,} 个文本中夹有可识别特定个人的内容（{kinds}）"
    return _means(Semantic.FREE_TEXT, LIKELY if count >= 3 else OPEN, said, loud=True)


def _addresses(column: Column) -> Meaning | None:
    said = f"{_of(column, 'address')} 个值像详细地址"
    if has_word(column.heading, "home_address"):
        return _means(Semantic.ADDRESS, LIKELY, f"标题为住址；{said}")
    if has_word(column.heading, "place") or not has_word(column.heading, "address"):
        return None
    open_place = "；若为单位公开的地址，可改为保留并写明依据"
    return _means(Semantic.ADDRESS, OPEN, said + open_place)


def _divisions(column: Column) -> Meaning | None:
    if has_word(column.heading, "division") and column.share("division") > 0.9:
        said = f"{_of(column, 'division')} 个值为区划代码形状"
        return _means(Semantic.DIVISION, LIKELY, said)
    return None


def _birth(column: Column) -> Meaning | None:
    if not has_word(column.heading, "birth"):
        return None
    return _hidden_until_decided("标题为出生日期，可改为泛化到年", role=Role.QUASI, loud=False)


def _serials(column: Column) -> Meaning | None:
    headed = has_word(column.heading, "identity")
    least = 0.9 if has_word(column.heading, "code_only") else 0.3
    varied = column.distinct >= max(20, least * column.filled)
    coded = column.share("code") > 0.5 or column.share("numbered") > 0.5 or not column.share("han")
    if headed and varied and (coded or column.longest <= 40):
        said = f"标题为编号，{column.distinct:,} 个不同值／{column.filled:,}"
        return _means(Semantic.SERIAL, LIKELY, said)
    return None


def _telling_title(column: Column) -> Meaning | None:
    if any(word in column.heading for word in TELLING_WORDS):
        return _hidden_until_decided("标题涉及个人，值未能认出，先按删除")
    return None


Finder = Callable[[Column], Meaning | None]
MEANINGS: tuple[Finder, ...] = (
    _citizen_ids,
    _mixed_ids,
    _credit_codes,
    _cards,
    _contacts,
    _emails,
    _plates,
    _persons,
    _texts_with_people,
    _birth,
    _addresses,
    _divisions,
    _serials,
    _telling_title,
)


def meaning_of(column: Column) -> Meaning | None:
    """What the column holds; None where nothing about it points at anybody or is checked."""
    return next((found for find in MEANINGS if (found := find(column))), None)


def remarks_on(column: Column, meaning: Meaning | None) -> tuple[str, ...]:
    """What a steward must know about a column that is opened as it stands."""
    if meaning is not None and meaning.action is not None:
        return ()
    people = column.count("person", "masked_person") if has_word(column.heading, "party") else 0
    masked = column.count("masked") - column.count("masked_person")
    coded = meaning is not None and meaning.semantic is Semantic.USCC
    damaged = 0 if coded or has_word(column.heading, "date") else column.count("scientific")
    said = (
        (people, "个值像自然人姓名，开放前须逐一核实或改为脱敏"),
        (column.count("id_in_code"), "个值中夹有公民身份号码，须先与报送单位核实"),
        (masked if masked > 0.5 * column.filled else 0, "个值已被遮盖，作不了编号或主键"),
        (damaged, "个值成了科学计数法，已损坏，须重新报送"),
    )
    return tuple(f"{count:,} {text}" for count, text in said if count)
