"""Check digits in SQL: the arithmetic of ``identifiers.py``, cheap over a million rows.

Each function takes a text column and gives the steps of a calculation, as aliases that build on one
another inside one SELECT list; the last is true where the text is *not* a valid identifier. Taking
a string apart character by character costs more than everything else together, so eight characters
are read as one integer and added up in parallel lanes: the weights of GB 11643 are the powers of
two and those of GB 32100 the powers of three, so neighbouring lanes fold into one another.
Nothing here puts AND, OR or CASE around a repeated term: DuckDB shares one only outside of them.

What an identifier is belongs to ``identifiers.py``; which field has one, to the suite and the plan.
"""

from opendata.sql_text import quoted

Steps = tuple[tuple[str, str], ...]

USCC_LETTER = "[0-9A-HJ-NPQRTUWXY]"
USCC_SHAPE = f"{USCC_LETTER}{{2}}[0-9]{{6}}{USCC_LETTER}{{10}}"
MOBILE_SHAPE = "1[3-9][0-9]{9}"
BANK_CARD_SHAPE = "[456][0-9]{15,18}"

_BY_FOUR = "0[48]|[2468][048]|[13579][26]"
_LEAP_YEAR = f"(1[89]|[2-9][0-9])({_BY_FOUR})|([2468][048]|[3579][26])00"
_DAY_OF_MONTH = (
    "(0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])"
    "|(0[469]|11)(0[1-9]|[12][0-9]|30)"
    "|02(0[1-9]|1[0-9]|2[0-8])"
)
_BIRTH = f"((18[89][0-9]|19[0-9]{{2}}|[2-9][0-9]{{3}})({_DAY_OF_MONTH})|({_LEAP_YEAR})0229)"
CITIZEN_ID_SHAPE = f"[1-9][0-9]{{5}}{_BIRTH}[0-9]{{3}}[0-9Xx]"

_LANES_16 = 0x00FF00FF00FF00FF
_LANES_32 = 0x0000FFFF0000FFFF
_LANES_64 = 0x00000000FFFFFFFF
_DIGIT_BITS = 0x0F0F0F0F0F0F0F0F
_ASCII_BITS = 0x7F7F7F7F7F7F7F7F
_ONES = 0x0101010101010101
_USCC_WEIGHTS = tuple(3**place % 31 for place in range(17))


def citizen_id_broken(column: str) -> Steps:
    """Not a citizen ID: shape, birth date from 1880 on, check character (GB 11643, MOD 11-2)."""
    one, two, last = _names(column, "id", 3)
    # X has no value of its own among the low four bits: its seventh bit adds the two that lack.
    check = f"({last} & 15) + 2 * ({last} >> 6 & 1)"
    total = f"{one} * 1024 + {two} * 4 + ({last} >> 8 & 15) * 2 + {check}"
    return (
        *_folded(one, _word(column, 1, keep=_DIGIT_BITS), weight=2, rising=False),
        *_folded(two, _word(column, 9, keep=_DIGIT_BITS), weight=2, rising=False),
        (last, _word(column, 17, keep=_ASCII_BITS, length=2)),
        _verdict(column, "id", CITIZEN_ID_SHAPE, f"({total} + 10) % 11"),
    )


def uscc_broken(column: str) -> Steps:
    """Not a unified social credit code: alphabet, six digits, check character (GB 32100)."""
    one, two, last = _names(column, "uscc", 3)
    total = f"{one} + {two} * {_USCC_WEIGHTS[8]} + ({last} >> 8 & 255) * {_USCC_WEIGHTS[16]}"
    # Every value still carries the 48 of its digit's code point: taken out once, from the sum.
    surplus = ord("0") * (sum(_USCC_WEIGHTS) + 1) % 31
    return (
        *_letters_closed_up(f"{one}v", _word(column, 1, keep=_ASCII_BITS)),
        *_letters_closed_up(f"{two}v", _word(column, 9, keep=_ASCII_BITS)),
        *_letters_closed_up(last, _word(column, 17, keep=_ASCII_BITS, length=2)),
        *_folded(one, f"{one}v", weight=3, rising=True),
        *_folded(two, f"{two}v", weight=3, rising=True),
        _verdict(column, "uscc", USCC_SHAPE, f"({total} + ({last} & 255) + {31 - surplus}) % 31"),
    )


def mobile_broken(column: str) -> Steps:
    """Not shaped like a mainland mobile number (there is no check digit)."""
    return (_verdict(column, "mobile", MOBILE_SHAPE, "0"),)


def bank_card_broken(column: str) -> Steps:
    """Not a 16 to 19 digit card number that passes Luhn."""
    first, *others = _names(column, "card", 10)
    pairs = [f"{each}p" for each in (first, *others)]
    # Of two digits the left is doubled, and a doubled five or more counts nine less.
    counted = (f"{each} - {each} // 10 * 8 - ({each} >= 50)::int * 9" for each in pairs)
    steps = [(first, f"try_cast({quoted(column)} as ubigint)")]
    for before, name in zip((first, *others), others, strict=False):
        steps.append((name, f"{before} // 100"))
    for place, name in enumerate((first, *others)):
        rest = f" - {others[place]} * 100" if place < len(others) else ""
        steps.append((f"{name}p", f"({name}{rest})::int"))
    return (*steps, _verdict(column, "card", BANK_CARD_SHAPE, f"({' + '.join(counted)}) % 10"))


def _verdict(column: str, kind: str, shape: str, remainder: str) -> tuple[str, str]:
    text = quoted(column)
    misshapen = f"(not regexp_full_match({text}, '{shape}'))::int"
    return f"_{column}_{kind}", f"{misshapen} + coalesce({remainder}, 1)::int > 0"


def _names(column: str, kind: str, count: int) -> tuple[str, ...]:
    return tuple(f"_{column}_{kind}{number}" for number in range(1, count + 1))


def _word(column: str, place: int, *, keep: int, length: int = 8) -> str:
    """Characters as one unsigned integer, the first in the highest byte; null if too wide."""
    text = quoted(column)
    part = f"left({text}, {length})" if place == 1 else f"substr({text}, {place}, {length})"
    return f"try_cast(try_cast(encode({part}) as bit) as ubigint) & {keep}::ubigint"


def _folded(name: str, word: str, *, weight: int, rising: bool) -> Steps:
    """Eight bytes weighted by the powers of ``weight`` and summed, halving the lanes thrice."""
    steps = []
    for level, (lanes, width) in enumerate(((_LANES_16, 8), (_LANES_32, 16), (_LANES_64, 32))):
        left, right = f"({word} >> {width} & {lanes})", f"({word} & {lanes})"
        heavy, light = (right, left) if rising else (left, right)
        word = f"{name}{'xy'[level]}" if level < 2 else name
        steps.append((word, f"{light} + {heavy} * {weight}"))
        weight *= weight
    return tuple(steps)


def _letters_closed_up(name: str, word: str) -> Steps:
    """Every byte less the gaps before it in the GB 32100 alphabet (no I, O, S, V), plus 48."""
    raw = f"{name}w"
    gaps = (f"(({raw} + {(128 - ord(after)) * _ONES}) >> 7 & {_ONES})" for after in "AJPTW")
    sizes = (7, 1, 1, 1, 1)
    closed = " - ".join([raw, *(f"{gap} * {size}" for gap, size in zip(gaps, sizes, strict=True))])
    return (raw, word), (name, closed)
