"""The named masks and generalisations a catalog entry may ask for, and what each lets survive.

Pure values. Patterns are written in the common tongue of Python's ``re`` and RE2, so that both
executors in ``resources/operators.py`` read the same one. Which field gets which belongs to
``desensitise.py``.
"""

from dataclasses import dataclass

from opendata.vocabulary import Action

HIDDEN = "****"
"""What a mask makes of a value that is not what its preset expects: nothing of it survives."""

PLATE_REGIONS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """遮盖: the first ``head`` and last ``tail`` characters of a value of this ``shape``.

    ``common`` of the leading characters name a class, not a person (号段, 区号, 发牌机关); of the
    others at most half are shown, and never more than seven in all. ``tail_from`` keeps everything
    from that character on instead, for what names a provider (an e-mail's domain). With ``opens``
    the shape is only how a value begins, and that beginning, which names a place of many, is kept.
    ``fill`` has a fixed width: the length of the value does not survive.
    """

    name: str
    shape: str
    head: int = 0
    tail: int = 0
    opens: bool = False
    common: int = 0
    tail_from: str = ""
    fill: str = HIDDEN
    reveals: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Generalisation:
    """泛化: group 1 of ``shape``, which must match the whole value; otherwise nothing survives.

    ``iso_width`` says how many characters of an ISO date survive, where the preset is about dates;
    with ``years`` group 1 is a year, told as the span of so many it lies in. With ``opens`` the
    shape is only how a value begins, and that beginning is what is kept.
    """

    name: str
    shape: str
    iso_width: int = 0
    years: int = 1
    opens: bool = False
    reveals: str


def _han_without(barred: str) -> str:
    """A character class body: Han characters except these (both regex engines read ranges)."""
    ranges, start = ["㐀-䶿"], 0x4E00
    for code in sorted(map(ord, barred)):
        if code > start:
            ranges.append(f"{chr(start)}-{chr(code - 1)}")
        start = code + 1
    return "".join((*ranges, f"{chr(start)}-鿿"))


_HAN = _han_without("")
_BARRED = (
    "区县市旗号室栋幢组街院路道巷弄村镇园苑厦"  # a district's name never runs across one of these
)
_NAME = f"[{_han_without(_BARRED)}]"
_NAME_BEFORE_DISTRICT = (
    f"[{_han_without(_BARRED + '小社校厂库景片营活宅属墅舍能业商货辖一二三四五六七八九十')}]"
)
_PROVINCE = (
    "(?:河北省|山西省|辽宁省|吉林省|黑龙江省|江苏省|浙江省|安徽省|福建省|江西省|山东省|河南省|"
    "湖北省|湖南省|广东省|海南省|四川省|贵州省|云南省|陕西省|甘肃省|青海省|台湾省|内蒙古自治区|"
    "广西壮族自治区|西藏自治区|宁夏回族自治区|新疆维吾尔自治区|北京市|天津市|上海市|重庆市)"
)
_CITY = f"(?:景德镇市|镇江市|{_NAME}{{2,4}}?(?:市|地区|盟)|{_NAME}{{2,9}}?自治州)"
_NAMED_DISTRICT = (
    "市中区|市南区|市北区|沙市区|津市市|社旗县|路桥区|路南区|路北区|道里区|道外区|孟村回族自治县"
)
_DISTRICT = (
    f"(?:{_NAMED_DISTRICT}|镇?{_NAME}{{0,8}}?{_NAME_BEFORE_DISTRICT}区|镇?{_NAME}{{1,14}}?[县旗])"
)
_LONE_DISTRICT = (
    f"(?:{_NAMED_DISTRICT}|{_NAME}{{0,2}}?{_NAME_BEFORE_DISTRICT}区|{_NAME}{{1,3}}?[县旗])"
)
_TO_DISTRICT = (
    f"{_PROVINCE}?{_CITY}(?:{_DISTRICT}|{_NAME}{{2,6}}?市)|{_PROVINCE}{_DISTRICT}|{_LONE_DISTRICT}"
)
_MUNICIPALITY = "(?:北京市|天津市|上海市|重庆市)"
_TO_CITY = f"{_MUNICIPALITY}|{_PROVINCE}?{_CITY}"
_DAY_OF_TIME = r"(?:0[1-9]|[12][0-9]|3[01])(?:[ T][0-9:.+Z-]{1,32})?"

MASKS = (
    Mask(
        name="手机号",
        shape="1[3-9][0-9]{9}",
        head=3,
        tail=4,
        common=3,
        reveals="保留号段（前三位）与末四位。",
    ),
    Mask(
        name="证件号",
        shape="[1-9][0-9]{14}(?:[0-9]{2}[0-9Xx])?",
        head=1,
        tail=1,
        fill="*" * 16,
        reveals="保留首位与末位。",
    ),
    Mask(
        name="姓名",
        shape=f"[{_HAN}][{_HAN}·]{{1,19}}",
        head=1,
        fill="**",
        reveals="保留首字，不显示姓名长度。",
    ),
    Mask(name="银行卡", shape="[0-9]{16,19}", head=0, tail=4, reveals="保留末四位。"),
    Mask(
        name="车牌",
        shape=f"[{PLATE_REGIONS}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳]",
        head=2,
        common=2,
        reveals="保留省份简称与发牌机关代号。",
    ),
    Mask(
        name="邮箱",
        shape=r"[A-Za-z0-9._%+-]{2,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}",
        head=1,
        tail_from="@",
        fill="***",
        reveals="保留首字符与邮箱域名。",
    ),
    Mask(
        name="固定电话",
        shape="0[1-9][0-9]{1,2}-?[2-9][0-9]{6,7}",
        head=3,
        common=3,
        reveals="保留区号前三位。",
    ),
    Mask(
        name="地址",
        shape=_TO_DISTRICT,
        opens=True,
        reveals="保留至区县一级，其后不显示，也不显示长度；不含区县的地址不保留任何内容。",
    ),
)
_YEAR = f"([1-9][0-9]{{3}})-(?:0[1-9]|1[0-2])-{_DAY_OF_TIME}"

GENERALISATIONS = (
    Generalisation(
        name="年",
        shape=_YEAR,
        iso_width=4,
        reveals="只保留年份。",
    ),
    Generalisation(
        name="月",
        shape=f"([1-9][0-9]{{3}}-(?:0[1-9]|1[0-2]))-{_DAY_OF_TIME}",
        iso_width=7,
        reveals="只保留年份与月份。",
    ),
    Generalisation(
        name="五年",
        shape=_YEAR,
        iso_width=4,
        years=5,
        reveals="只保留所在的五年时段。",
    ),
    Generalisation(
        name="十年",
        shape=_YEAR,
        iso_width=4,
        years=10,
        reveals="只保留所在的十年时段。",
    ),
    Generalisation(
        name="区县",
        shape=_TO_DISTRICT,
        opens=True,
        reveals="只保留至区县一级；不含区县的地址置空。",
    ),
    Generalisation(
        name="地市",
        shape=_TO_CITY,
        opens=True,
        reveals="只保留至地市一级；不含地市的地址置空。",
    ),
    Generalisation(
        name="省份",
        shape=_PROVINCE,
        opens=True,
        reveals="只保留省份；不含省份的地址置空。",
    ),
    Generalisation(
        name="区划地市",
        shape="([1-9][0-9]{3})[0-9]{2}(?:[0-9]{3}(?:[0-9]{3})?)?",
        reveals="只保留行政区划代码的前四位（地市）。",
    ),
    Generalisation(
        name="区划省份",
        shape="([1-9][0-9])[0-9]{4}(?:[0-9]{3}(?:[0-9]{3})?)?",
        reveals="只保留行政区划代码的前两位（省份）。",
    ),
)

PRESETS = {
    Action.MASK: tuple(each.name for each in MASKS),
    Action.GENERALISE: tuple(each.name for each in GENERALISATIONS),
}
"""Preset names a catalog entry may write, by action."""


def mask(name: str) -> Mask:
    """The mask called ``name``; StopIteration never reaches a plan, ``plan_for`` checks first."""
    return next(each for each in MASKS if each.name == name)


def generalisation(name: str) -> Generalisation:
    """The generalisation called ``name``, guaranteed to exist by ``plan_for``."""
    return next(each for each in GENERALISATIONS if each.name == name)
