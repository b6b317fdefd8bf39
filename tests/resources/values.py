"""Values to hold two executors together with: right, nearly right, odd, empty, long; seeded."""

import random
from collections.abc import Callable

from opendata.identifiers import citizen_id_check

WIDE = {ord(each): ord(each) + 0xFEE0 for each in "0123456789X@"}
_HAN = "王李张欧阳伟芳娜秀英𠮷田·陕西省安市雁塔区户县科技路号栋高新街道内蒙古自治旗社小"
_ODD = " \t\n'\"*,;=\u200b\u3000\ufeff…﷽é́ABCxyz0１\U0001d7d8"


def many_values(count: int, seed: int = 7) -> list[str | None]:
    """``count`` values, of which about half are what some preset expects."""
    chance = random.Random(seed)
    made: list[str | None] = [None, "", "*", "123", "无", "1" * 5000, "陕西省" * 2000]
    makers = (_id, _mobile, _card, _plate, _email, _name, _landline, _address, _date, _division)
    while len(made) < count:
        value = chance.choice(makers)(chance)
        made.append(chance.choice(_CHANGES)(chance, value))
    return made


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def _id(chance: random.Random) -> str:
    born = f"{chance.randint(1900, 2020)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    body = f"{chance.choice(['610113', '110105', '500103'])}{born}{_digits(chance, 3)}"
    return body + citizen_id_check(body)


def _mobile(chance: random.Random) -> str:
    return f"1{chance.choice('3456789')}{_digits(chance, 9)}"


def _card(chance: random.Random) -> str:
    return f"6222{_digits(chance, chance.randint(12, 15))}"


def _plate(chance: random.Random) -> str:
    place = chance.choice("陕渝桂粤") + chance.choice("ABCD")
    return place + _digits(chance, chance.choice((5, 6)))


def _email(chance: random.Random) -> str:
    return f"{chance.choice(['zhang.san', 'li_4', 'w+x', 'a1'])}{_digits(chance, 3)}@qq.com"


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_HAN, k=chance.randint(2, 4)))


def _landline(chance: random.Random) -> str:
    return f"0{chance.choice(['29', '10', '771'])}{chance.choice(['', '-'])}8{_digits(chance, 7)}"


def _address(chance: random.Random) -> str:
    return (
        "".join(
            chance.choice(each)
            for each in (
                ["陕西省", "重庆市", "", "广西壮族自治区"],
                ["西安市", "南宁市", "", "黔南布依族苗族自治州"],
                ["雁塔区", "户县", "", "市中区", "准格尔旗", "兴平市"],
                ["科技路", "阳光小区", "城市花园", ""],
            )
        )
        + f"{chance.randint(1, 99)}号"
    )


def _date(chance: random.Random) -> str:
    day = f"{chance.randint(900, 2999):04}-{chance.randint(0, 13):02}-{chance.randint(0, 32):02}"
    return day + chance.choice(["", " 12:30:00", "T00:00:00Z"])


def _division(chance: random.Random) -> str:
    return f"{chance.randint(1, 99):02}{_digits(chance, chance.choice((4, 5, 7, 10)))}"


def _cut(chance: random.Random, value: str) -> str:
    place = chance.randrange(len(value))
    return value[:place] + value[place + 1 :]


def _grown(chance: random.Random, value: str) -> str:
    place = chance.randrange(len(value) + 1)
    return value[:place] + chance.choice(_HAN + _ODD) + value[place:]


def _same(_chance: random.Random, value: str) -> str:
    return value


def _wide(_chance: random.Random, value: str) -> str:
    return value.translate(WIDE)


def _told(chance: random.Random, value: str) -> str:
    return f"{chance.choice(['联系电话', '申请人', ''])}{value}，{chance.choice(_HAN)}"


_CHANGES: tuple[Callable[[random.Random, str], str], ...] = (
    *(_same,) * 5,
    _cut,
    _grown,
    _wide,
    _told,
    lambda chance, value: value.lower() + chance.choice(_ODD),
)
