"""Identifiers with a shape of their own: e-mail, plates, network addresses, credit codes, masks.

Also what hides without hiding: a mask that leaves the birth date in sight, an ID in base64.
"""

import re
from base64 import b64decode
from binascii import Error
from ipaddress import AddressValueError, IPv6Address

from opendata.identifiers import is_mobile, is_uscc
from opendata.presets import PLATE_REGIONS
from opendata.vocabulary import Semantic
from resources.reading import INVISIBLE, Span, squeezed
from resources.recognisers_numbers import PROVINCES, is_plausible_id

_EMAIL = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}"
)
_PLATE = re.compile(
    rf"[{PLATE_REGIONS}][{INVISIBLE} ]?[A-HJ-NP-Z][·•. {INVISIBLE}-]{{0,2}}"
    rf"(?=[A-HJ-NP-Z0-9{INVISIBLE}]{{0,5}}[0-9])"
    rf"(?:[A-HJ-NP-Z0-9][{INVISIBLE}]?){{4,5}}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"
)


def emails(read: str) -> list[Span]:
    """Addresses with a top-level domain."""
    if "@" not in read:
        return []
    return [Span(*found.span(), Semantic.EMAIL) for found in _EMAIL.finditer(read)]


def plates(read: str) -> list[Span]:
    """Licence plates of seven or eight characters, new energy included, one of them a digit."""
    return [Span(*found.span(), Semantic.PLATE) for found in _PLATE.finditer(read)]


_IPV4 = re.compile(
    r"(?<![0-9.])(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}"
    r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?![0-9.]*[0-9])"
)
_IPV6 = re.compile(r"(?<![0-9A-Za-z:.])[0-9A-Fa-f:]{4,39}(?![0-9A-Za-z:.])")
_IP_CUE = re.compile("(?i:ip|host)|登录|访问|服务器|主机|网络|地址")
_VERSION_CUE = re.compile("(?i:version|ver|v)[.:： ]{0,2}$|版本?[号:： ]{0,3}$|第[0-9]*$")


def ip_addresses(read: str) -> list[Span]:
    """IPv4 beside a word for it or with nine digits or more, and IPv6: versions look alike."""
    found = []
    if read.count(".") >= 3:
        found = [
            Span(*each.span(), Semantic.IP_ADDRESS)
            for each in _IPV4.finditer(read)
            if _is_ipv4(each, read[max(0, each.start() - 12) : each.start()])
        ]
    if read.count(":") >= 2:
        found += [
            Span(*each.span(), Semantic.IP_ADDRESS)
            for each in _IPV6.finditer(read)
            if _is_ipv6(each[0])
        ]
    return found


def _is_ipv4(found: re.Match[str], before: str) -> bool:
    if _VERSION_CUE.search(before):
        return False
    return len(found[0]) >= 12 or bool(_IP_CUE.search(before))


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return any(len(each) >= 3 for each in text.split(":"))


_DIGIT, _DOT, _COLON = "[0-9\uff10-\uff19]", "[.\uff0e]", "[:\uff1a]"
_HEX = "[0-9A-Fa-f\uff10-\uff19\uff21-\uff26\uff41-\uff46]"
_V4 = f"(?:{_DIGIT}{{1,3}}{_DOT}){{3}}{_DIGIT}"
_V6 = f"{_HEX}{{3,4}}{_COLON}(?:{_HEX}|{_COLON}){{0,9}}{_COLON}"
IP_CANDIDATE = f"{_V4}|{_V6}"
"""What a text matches in which there is a network address."""

_CODE_RUN = re.compile(f"[0-9A-Za-z](?:[ \t\u2010-\u2015\\-{INVISIBLE}]{{0,3}}[0-9A-Za-z]){{17,}}")
_CODE = re.compile("(?=((?:[1-9A]|[NY])[1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}[0-9A-HJ-NPQRTUWXY]))")
_SOLE_TRADER = "92"
_MAY_BE_SOLE_TRADER = re.compile(f"92(?:[ \t{INVISIBLE}-]{{0,3}}[0-9]){{6}}")
_LETTER = re.compile("[A-Za-z]")
_CODE_CUE = re.compile("信用代码|个体|执照|税号|纳税人")


def credit_codes(read: str) -> list[Span]:
    """Every unified social credit code with a right check character, however written.

    An enterprise's code is public; one that begins with 92 names a sole trader, a natural person.
    """
    found: list[Span] = []
    for run in _CODE_RUN.finditer(read):
        tight, at = squeezed(read, run.start(), run.end())
        tight, after = tight.upper(), 0
        for each in _CODE.finditer(tight):
            token = each[1]
            if each.start() < after or (token[2:4] not in PROVINCES and token[2:4] != "10"):
                continue
            if is_uscc(token) and not is_plausible_id(token):
                after = each.start() + 18
                kind = Semantic.SOLE_TRADER_CODE if token[:2] == _SOLE_TRADER else Semantic.USCC
                found.append(Span(at[each.start()], at[after - 1] + 1, kind))
    return found


def sole_traders(read: str) -> list[Span]:
    """Credit codes of sole traders (个体工商户): of digits only, they need the word for a code.

    One serial number in ten thousand would pass otherwise.
    """
    if "92" not in read or not _MAY_BE_SOLE_TRADER.search(read):
        return []
    return [
        each
        for each in credit_codes(read)
        if each.kind is Semantic.SOLE_TRADER_CODE
        and (
            _LETTER.search(read, each.start, each.end)
            or _CODE_CUE.search(read, max(0, each.start - 12), each.start)
        )
    ]


_HALF_MASKED = re.compile(
    r"(?<![0-9])[0-9*\uff0a]{6}(?:19[0-9]{2}|20[0-3][0-9])(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"[*\uff0axX]{3,4}[0-9xX]?(?![0-9])"
)


def half_masked_ids(read: str) -> list[Span]:
    """Citizen IDs whose mask leaves the birth date in sight: with the district, a thousand left.

    >>> half_masked_ids("110105********0021"), len(half_masked_ids("11010519491231****"))
    ([], 1)
    """
    if "*" not in read and "\uff0a" not in read and "xxx" not in read and "XXX" not in read:
        return []
    return [Span(*each.span(), Semantic.CITIZEN_ID) for each in _HALF_MASKED.finditer(read)]


def is_half_masked(written: str) -> bool:
    """Whether a span found is such a mask and no number."""
    return "*" in written or "\uff0a" in written or written[-4:-1].lower() == "xxx"


_BASE64_OF_DIGITS = re.compile(
    "(?<![A-Za-z0-9+/])(?:[MNO][DTjz][AEIMQUYcgk][w-z0-5]){3,5}"
    "(?:[MNO][DTjz][A-Za-z0-9][A-Za-z0-9=])(?![A-Za-z0-9+/])"
)


def encoded(read: str) -> list[Span]:
    """Citizen IDs and mobiles that base64 hides from nobody."""
    if "M" not in read and "N" not in read and "O" not in read:
        return []
    return [
        Span(*each.span(), kind)
        for each in _BASE64_OF_DIGITS.finditer(read)
        if (kind := _kind_inside(each[0]))
    ]


def _kind_inside(token: str) -> Semantic | None:
    try:
        text = b64decode(token, validate=True).decode("ascii")
    except (Error, UnicodeDecodeError):
        return None
    if len(text) == 18 and is_plausible_id(text.upper()):
        return Semantic.CITIZEN_ID
    return Semantic.MOBILE if is_mobile(text) else None
