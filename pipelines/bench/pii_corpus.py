"""A seeded corpus of invented identifiers: every kind in every spelling, and what looks like them.

Nobody is in it: divisions end in 0199, which is assigned to no district, mobiles begin with the
unallocated 163, everything else is drawn. Equal seeds give equal texts. The published table
(``docs/detection.md``), the bench and the tests all read this.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from opendata.identifiers import citizen_id_check, is_bank_card, uscc_check
from opendata.vocabulary import Semantic

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")
_CAPITAL_NUMERALS = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
_PROVINCES = ("11", "12", "31", "37", "44", "45", "50", "51", "61")
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SURNAMES, _GIVEN = "王李张刘陈杨黄赵吴周", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"

Make = Callable[[Random], str]


def _day(chance: Random, first: int, last: int) -> str:
    return f"{chance.randint(first, last)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"


def citizen_id(chance: Random) -> str:
    """Eighteen characters with a right check character."""
    born = _day(chance, 1940, 2015)
    body = f"{chance.choice(_PROVINCES)}0199{born}{chance.randint(1, 999):03}"
    return body + citizen_id_check(body)


def _outside_permit(chance: Random) -> str:
    region = chance.choice(("810000", "820000", "830000"))
    body = f"{region}{_day(chance, 1950, 2010)}{chance.randint(1, 999):03}"
    return body + citizen_id_check(body)


def _old_id(chance: Random) -> str:
    whole = citizen_id(chance)
    return whole[:6] + f"{chance.randint(30, 80)}" + whole[10:17]


def _foreign_resident(chance: Random) -> str:
    country, born = chance.randrange(4, 900), _day(chance, 1950, 2010)
    body = f"9{chance.choice(_PROVINCES)}{country:03}{born}{chance.randint(1, 999):03}"
    return body + citizen_id_check(body)


def mobile(chance: Random) -> str:
    """Eleven digits of an unallocated prefix."""
    return f"163{chance.randrange(10**8):08}"


def bank_card(chance: Random) -> str:
    """Sixteen or nineteen digits that begin with 62 and pass Luhn."""
    body = f"622202{chance.randrange(10 ** chance.choice((9, 12))):09}"
    body = body if len(body) in (15, 18) else f"{body:0<18}"
    return next(body + check for check in "0123456789" if is_bank_card(body + check))


def credit_code(chance: Random, prefix: str = "91") -> str:
    """Eighteen characters with a right check character."""
    organisation = "MA" + "".join(chance.choice(_CODE) for _ in range(7))
    body = f"{prefix}{chance.choice(_PROVINCES)}0199{organisation}"
    return body + uscc_check(body)


def email(chance: Random) -> str:
    """A name and a number at a reserved domain."""
    return f"{chance.choice(('li.ming', 'zhang_w', 'wx-8'))}{chance.randrange(10**6)}@example.com"


def _plate(chance: Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    energy = chance.random() < 0.5
    tail = f"{chance.choice('DF')}{chance.randrange(10**5):05}" if energy else None
    ordinary = f"{chance.choice(letters)}{chance.randrange(10**4):04}"
    return chance.choice("京沪粤陕渝桂鲁") + chance.choice("ABC") + (tail or ordinary)


def _home(chance: Random) -> str:
    city, district = chance.choice(
        (("西安市", "雁塔区"), ("重庆市", "渝中区"), ("南宁市", "青秀区"))
    )
    way = chance.choice(("科技路", "人民南路", "解放大道", "和平街"))
    return (
        f"{city}{district}{way}{chance.randint(1, 300)}号{chance.randint(1, 20)}号楼"
        f"{chance.randint(1, 4)}单元{chance.randint(101, 2904)}室"
    )


def _name(chance: Random) -> str:
    given = "".join(chance.choice(_GIVEN) for _ in range(chance.randint(1, 2)))
    return chance.choice(_SURNAMES) + given


def _address_v4(chance: Random) -> str:
    return ".".join(str(chance.randint(1, 254)) for _ in range(4))


def _address_v6(chance: Random) -> str:
    return "2001:db8:" + ":".join(f"{chance.randrange(16**4):04x}" for _ in range(6))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One row of the table: a kind, how it is made, and the text around it (``{}``)."""

    title: str
    kind: Semantic
    make: Make
    around: str
    spellings: tuple[str, ...]
    digits_only: bool = False


DIGITS = (
    *("plain", "cjk_adjacent", "apostrophe", "in_url", "letters_around", "full_width", "spaced"),
    *("hyphens", "zero_width", "no_break_space", "float", "before_mobile", "after_mobile"),
    *("chinese_digits", "capital_numerals"),
)
IDS = (*DIGITS, "lower")
_LETTERS = (
    *("plain", "cjk_adjacent", "apostrophe", "in_url", "full_width", "spaced", "hyphens"),
    *("zero_width", "no_break_space", "lower"),
)
_TEXTS = ("plain", "cjk_adjacent", "apostrophe", "full_width")

PLANTED = (
    Planted(title="公民身份号码（18 位）", kind=Semantic.CITIZEN_ID, make=citizen_id,
            around="备注：{}，已办", spellings=(*IDS, "base64", "half_masked")),
    Planted(title="港澳台居民居住证（81—83）", kind=Semantic.CITIZEN_ID, make=_outside_permit,
            around="备注：{}，已办", spellings=IDS),
    Planted(title="公民身份号码（15 位）", kind=Semantic.CITIZEN_ID, make=_old_id,
            around="身份证{}，已办", spellings=DIGITS, digits_only=True),
    Planted(title="外国人永久居留身份证（2023）", kind=Semantic.FOREIGN_RESIDENT_ID,
            make=_foreign_resident, around="证件{}，已办", spellings=IDS),
    Planted(title="外国人永久居留身份证（旧）", kind=Semantic.FOREIGN_RESIDENT_ID,
            make=lambda c: f"{c.choice(('CAN', 'USA', 'JPN'))}{c.randrange(10**12):012}",
            around="永久居留证号{}，已办", spellings=_LETTERS),
    Planted(title="银行卡号", kind=Semantic.BANK_CARD, make=bank_card,
            around="打入账户{}，已办", spellings=DIGITS, digits_only=True),
    Planted(title="手机号码（有提示词）", kind=Semantic.MOBILE, make=mobile,
            around="联系电话{}，请回复", spellings=(*DIGITS, "base64"), digits_only=True),
    Planted(title="手机号码（无提示词）", kind=Semantic.MOBILE, make=mobile,
            around="备注{}，已办", spellings=DIGITS, digits_only=True),
    Planted(title="固定电话", kind=Semantic.LANDLINE,
            make=lambda c: f"029-8{c.randrange(10**7):07}",
            around="电话{}，请回复", spellings=_TEXTS),
    Planted(title="电子邮箱", kind=Semantic.EMAIL, make=email,
            around="发至{}，请回复", spellings=_TEXTS),
    Planted(title="机动车号牌（含新能源）", kind=Semantic.PLATE, make=_plate,
            around="车辆{}，停放",
            spellings=("plain", "cjk_adjacent", "full_width", "dotted", "zero_width")),
    Planted(title="护照号码", kind=Semantic.PASSPORT,
            make=lambda c: f"{c.choice(('E', 'G', 'EA', 'PE'))}{c.randrange(10**8):08}"[:9],
            around="护照号{}，已办", spellings=_LETTERS),
    Planted(title="来往内地（大陆）通行证", kind=Semantic.TRAVEL_PERMIT,
            make=lambda c: f"{c.choice('HM')}{c.randrange(10**8):08}",
            around="港澳居民来往内地通行证{}，已办", spellings=_LETTERS),
    Planted(title="军人证件号码", kind=Semantic.MILITARY_ID,
            make=lambda c: f"{c.randrange(10**7, 10**8)}",
            around="军官证号军字第{}号", spellings=("plain", "full_width", "spaced", "zero_width")),
    Planted(title="社会保障卡号", kind=Semantic.SOCIAL_SECURITY,
            make=lambda c: f"{c.choice('ABCD')}{c.randrange(10**8):08}",
            around="社会保障卡号{}，已办", spellings=_LETTERS),
    Planted(title="个体工商户信用代码", kind=Semantic.SOLE_TRADER_CODE,
            make=lambda c: credit_code(c, "92"),
            around="备注：{}，已办", spellings=(*_LETTERS, "letters_around", "after_mobile")),
    Planted(title="网络地址（IPv4）", kind=Semantic.IP_ADDRESS, make=_address_v4,
            around="登录IP：{}，成功", spellings=_TEXTS),
    Planted(title="网络地址（IPv6）", kind=Semantic.IP_ADDRESS, make=_address_v6,
            around="来自 {} 的请求", spellings=("plain", "apostrophe", "full_width")),
    Planted(title="住址到门牌", kind=Semantic.ADDRESS, make=_home,
            around="家住{}，无业", spellings=("plain", "apostrophe", "full_width")),
    Planted(title="住处坐标", kind=Semantic.COORDINATES,
            make=lambda c: f"{c.uniform(106, 110):.6f},{c.uniform(22, 35):.6f}",
            around="家庭定位{}，无业", spellings=("plain", "full_width")),
    Planted(title="自然人姓名（有提示词）", kind=Semantic.PERSON_NAME, make=_name,
            around="申请人{}，已核验", spellings=("plain",)),
)  # fmt: skip
"""Every kind that ``find`` promises to find, in the spellings it can be written in."""


def _grouped(text: str, by: str) -> str:
    if len(text) == 18:
        return by.join((text[:6], text[6:10], text[10:14], text[14:]))
    if len(text) == 11:
        return by.join((text[:3], text[3:7], text[7:]))
    return by.join(text[start : start + 4] for start in range(0, len(text), 4))


def _half_masked(text: str) -> str:
    return f"{text[:14]}****"


SPELLINGS: dict[str, tuple[str, Callable[[str], str]]] = {
    "plain": ("原样", lambda each: each),
    "cjk_adjacent": ("紧贴汉字", lambda each: f"为{each}的"),
    "apostrophe": ("前置撇号", lambda each: f"'{each}"),
    "in_url": ("网址中", lambda each: f"http://x.gov.cn/q?id={each}&t=1"),
    "letters_around": ("紧贴字母", lambda each: f"ID{each}No"),
    "full_width": ("全角", lambda each: each.translate(_WIDE)),
    "spaced": ("空格分组", lambda each: _grouped(each, " ")),
    "hyphens": ("连字符", lambda each: _grouped(each, "-")),
    "zero_width": ("零宽字符", lambda each: f"{each[:6]}\u200b{each[6:]}"),
    "no_break_space": ("不换行空格", lambda each: f"{each[:6]}\u00a0{each[6:]}"),
    "float": ("小数尾 .0", lambda each: f"{each}.0"),
    "before_mobile": ("后接手机号", lambda each: f"{each}16300000001"),
    "after_mobile": ("前接手机号", lambda each: f"16300000001{each}"),
    "chinese_digits": ("汉字数字", lambda each: each.translate(_NUMERALS)),
    "capital_numerals": ("大写数字", lambda each: each.translate(_CAPITAL_NUMERALS)),
    "lower": ("小写字母", str.lower),
    "dotted": ("间隔点", lambda each: f"{each[:2]}·{each[2:]}"),
    "base64": ("base64", lambda each: b64encode(each.encode()).decode()),
    "half_masked": ("遮盖仍见生日", _half_masked),
}
"""How people and programs write them: a title, and the writing."""


@dataclass(frozen=True, slots=True)
class Negatives:
    """What merely looks like an identifier."""

    title: str
    make: Make


def _permit(chance: Random) -> str:
    return f"{chance.choice(_PROVINCES)}0105{_day(chance, 2010, 2025)}{chance.randrange(10**4):04}"


_WORDS = (
    *(
        "申请人应当提交材料",
        "联系人方式见附件",
        "姓名和性别必填",
        "负责人任职满三年",
        "法人高新技术企业认定",
    ),
    *(
        "金额500元，安全石油方案",
        "申请人向我局提交材料",
        "当事人严重违反规定",
        "业主方案比选",
        "原告程序违法",
    ),
    *(
        "患者康复情况良好",
        "村民安全意识提高",
        "旅客万元现金遗失",
        "纳税人应于每月申报",
        "承租人付款后交付",
    ),
    *(
        "车主应及时年检",
        "证人不同意出庭",
        "参保人高龄津贴发放",
        "委托人和受托人签字",
        "监护人关于同意的说明",
    ),
)

_PROJECTS = (
    "雁塔区和平胡同{}号房屋翻改建工程项目",
    "和平小区（三期）项目（{}号住宅楼等7项）",
    "解放镇东庄村王家湾等五户居民房后地质灾害治理第{}标段",
    "渝中区人民路{}号住宅及配套项目",
    "西安尚德先生民俗餐厅第{}分店",
)

NEGATIVES = (
    Negatives("18 位随机流水号", lambda c: f"流水号{c.randrange(10**17, 10**18)}"),
    Negatives("施工许可证号（区划、日期、序号）", lambda c: f"施工许可证编号：{_permit(c)}。"),
    Negatives("案号（区划、日期、序号）", lambda c: f"案号{_permit(c)}，已结"),
    Negatives("11 位订单号", lambda c: f"订单号{c.randrange(10**10, 10**11)}"),
    Negatives("16—19 位订单号", lambda c: f"订单号{c.randrange(10**15, 10**19)}"),
    Negatives("15 位批次号", lambda c: f"批次号{c.randrange(10**14, 10**15)}"),
    Negatives("24 位项目编号", lambda c: f"项目编号{c.randrange(10**23, 10**24)}"),
    Negatives("时间戳", lambda c: f"时间戳{c.randrange(1_400_000_000_000, 1_900_000_000_000)}"),
    Negatives("日期与时刻", lambda c: f"复查2024-{c.randint(10, 12)}-{c.randint(10, 28)} 12:30"),
    Negatives("企业信用代码", lambda c: f"统一社会信用代码{credit_code(c)}，存续"),
    Negatives("企业住所", lambda c: f"注册地址：{_home(c)}"),
    Negatives("站点坐标", lambda c: f"站点坐标{c.uniform(106, 110):.6f},{c.uniform(22, 35):.6f}"),
    Negatives(
        "版本号",
        lambda c: "版本" + ".".join(str(c.randint(1, 20)) for _ in range(4)),
    ),
    Negatives("摘要（十六进制）", lambda c: f"摘要{c.randrange(16**64):064x}"),
    Negatives("零件号（字母、8 位）", lambda c: f"配件{c.choice('EGHM')}{c.randrange(10**8):08}"),
    Negatives(
        "遮盖过的号码",
        lambda c: f"手机163****{c.randrange(10**4):04}，证件6****************{c.randint(0, 9)}",
    ),
    Negatives(
        "文号、楼号与线路",
        lambda c: f"市政发〔2024〕{c.randint(1, 99)}号，{c.randint(1, 9)}号线站厅，第3号楼",
    ),
    Negatives("金额与面积", lambda c: f"金额{c.randrange(10**9)}.00元，面积{c.randint(1, 99)}亩"),
    Negatives("工程与店铺名称", lambda c: c.choice(_PROJECTS).format(c.randint(1, 99))),
    Negatives("像姓名的常用词", lambda c: c.choice(_WORDS)),
)  # fmt: skip
"""What must be left alone."""


def planted(each: Planted, spelling: str, count: int, *, seed: int) -> Iterator[tuple[str, str]]:
    """So many texts with what is planted in each, as it is written there."""
    chance = Random(f"{seed}/{each.title}/{spelling}")  # noqa: S311 - a corpus, no secret
    write = SPELLINGS[spelling][1]
    for _ in range(count):
        made = each.make(chance)
        written = write(made)
        yield each.around.format(written), made


def negatives(each: Negatives, count: int, *, seed: int) -> list[str]:
    """So many look-alikes of one family."""
    chance = Random(f"{seed}/{each.title}")  # noqa: S311 - a corpus, no secret
    return [each.make(chance) for _ in range(count)]
