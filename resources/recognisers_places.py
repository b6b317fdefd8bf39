"""Where somebody lives or is: addresses to the door, coordinates of a home.

A district, a street or the seat of a company is no secret; a door is one where somebody lives
behind it. ``doors`` says how far an address reaches, ``homes`` finds the ones a text must not show.
"""

import re
from dataclasses import dataclass

from opendata.vocabulary import Semantic
from resources.reading import Span

_LONGEST = 40
_DOOR = re.compile(
    "[0-9一二三四五六七八九十百]{1,5}(?:号楼|号|弄|栋|幢|座|单元|室)"
    "(?!线|令|文件|公告|通知|决定|机|店|厅|段|桩|媒)"
)
_WAY = re.compile(
    "(?:路|街|道|巷|弄|胡同|村|庄|里|屯|社区|小区|花园|苑|公寓|新村|家属院|大院|坊|组|大厦|城)"
    "[^，。；;,！？、:：\\s]{0,12}$"
)
_STREET = re.compile("[路街道巷弄同村庄里屯区园苑寓院坊组厦城]")
_DIVISION = re.compile(
    "(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区|特别行政区|市|自治州|地区|盟|区|县|旗))"
)
_INNER = re.compile(
    "[0-9A-Za-z一二三四五六七八九十-]{1,6}(?:号楼|号|栋|幢|座|单元|层|楼|室|户)|[\u4e00-\u9fff]{1,8}"
    "(?=[0-9A-Za-z-]{1,6}(?:号楼|栋|幢|座|单元|层|楼|室|户))"
)
_ROOM = re.compile("[0-9A-Za-z](?:室|户)|单元|[0-9]层[0-9]{3,4}|楼[0-9]{3,4}")
_HOME_CUE = re.compile(
    "(?:住址|住在|居住|现住|暂住|常住|家住|户籍|户口|家庭|住所|住处|住于|家里|家在|收货|收件|寄到|寄往|送到|送至|邮寄)"
    "[^。；;！？]{0,12}$|住[:：]?$"
)
_HOME_AFTER = re.compile("(?:的)?(?:居民|住户|业主|村民|家中|租客|租户)")
_SEAT_CUE = re.compile(
    "(?:经营|营业|注册|办公|公司|企业|单位|机构|场所|厂|店|仓库|位于|地点|工地|门店)[^。；;！？]{0,10}$"
)


@dataclass(frozen=True, slots=True)
class Door:
    """An address that reaches a house number: its place, and whether it goes on to a dwelling."""

    start: int
    end: int
    to_the_room: bool


def doors(read: str) -> list[Door]:
    """Every address with a street or village and a number, whoever stands behind the door.

    >>> doors("送北京市朝阳区建国路100号")
    [Door(start=1, end=14, to_the_room=False)]
    """
    found: list[Door] = []
    after = 0
    for number in _DOOR.finditer(read):
        if number.start() < after:
            continue
        head = read[max(after, number.start() - _LONGEST) : number.start()]
        way = _WAY.search(head)
        if not way:
            continue
        start = number.start() - len(head) + _first_of(head, way.start())
        after = _end_of(read, number.end())
        found.append(Door(start, after, bool(_ROOM.search(read, number.start(), after))))
    return found


def _first_of(head: str, way: int) -> int:
    """Where the address begins: at its division, else four characters before its street."""
    cut = (
        max(
            (head.rfind(each, 0, way) for each in "，。；;,！？、:： \t在住于到至往是为"),
            default=-1,
        )
        + 1
    )
    division = _DIVISION.search(head, cut)
    return division.start() if division and division.start() <= way else max(cut, way - 4)


def _end_of(read: str, end: int) -> int:
    while found := _INNER.match(read, end):
        end = found.end()
    return end


def homes(read: str) -> list[Span]:
    """Addresses to the door that are somebody's home, by what stands around them.

    To the room and not announced as a company's seat, or to the house number and announced as
    where somebody lives.
    """
    if not _STREET.search(read) or not _DOOR.search(read):
        return []
    return [
        Span(each.start, each.end, Semantic.ADDRESS) for each in doors(read) if _is_home(each, read)
    ]


def _is_home(door: Door, read: str) -> bool:
    before = read[max(0, door.start - 16) : door.start]
    if _HOME_CUE.search(before) or _HOME_AFTER.match(read, door.end):
        return True
    return door.to_the_room and not _SEAT_CUE.search(before)


_PAIR = re.compile(
    r"(?<![0-9.])(7[3-9]|[89][0-9]|1[0-2][0-9]|13[0-5])\.[0-9]{4,}[^0-9A-Za-z]{1,8}"
    r"([3-9]|[1-4][0-9]|5[0-3])\.[0-9]{4,}(?![0-9.])"
    r"|(?<![0-9.])([3-9]|[1-4][0-9]|5[0-3])\.[0-9]{4,}[^0-9A-Za-z]{1,8}"
    r"(7[3-9]|[89][0-9]|1[0-2][0-9]|13[0-5])\.[0-9]{4,}(?![0-9.])"
)
_PERSON_AT = re.compile("(?:住|居|家|定位|轨迹|签到|打卡|户)[^。；;！？]{0,12}$")


def pairs(read: str) -> list[Span]:
    """Longitude and latitude inside the country, to four decimals (eleven metres) or more."""
    if read.count(".") < 2:
        return []
    return [Span(*each.span(), Semantic.COORDINATES) for each in _PAIR.finditer(read)]


def home_coordinates(read: str) -> list[Span]:
    """The pairs that say where a person lives or was: bus stops have coordinates too."""
    return [
        each
        for each in pairs(read)
        if _PERSON_AT.search(read[max(0, each.start - 16) : each.start])
    ]


DOOR_CANDIDATE = (
    "(?:路|街|道|巷|弄|胡同|村|庄|里|屯|社区|小区|花园|苑|公寓|新村|院|坊|组|大厦|城)"
    "[^，。；;,！？、:：]{0,12}"
    "[0-9\uff10-\uff19一二三四五六七八九十百](?:号|弄|栋|幢|座|单元|室)"
)
"""What a text matches in which there is an address to the door."""

_DIGIT = "[0-9\uff10-\uff19]"
PAIR_CANDIDATE = f"[.\uff0e]{_DIGIT}{{4,}}[^0-9A-Za-z]{{1,8}}{_DIGIT}{{1,3}}[.\uff0e]{_DIGIT}{{4}}"
"""What a text matches in which there is a pair of coordinates."""
