"""Regulations and clauses: what a text is called, where it stands, what it says in which article.

Verbatim words and their citation belong here. What a regulation rules is ``regime.py``; what a
refusal says is ``gate_texts.py``. The data lies in ``opendata/regimes/*.yaml``.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from opendata.errors import LawError
from opendata.settings import KNOWN_REGIMES
from opendata.vocabulary import LegalStatus

YamlValue = Any

_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulation:
    """One text: ``title`` as cited, ``short`` for tables, ``note`` on where it stands (Chinese)."""

    id: str
    title: str
    short: str
    status: LegalStatus
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One phrase of a regulation; ``id`` is ``<regime>/<article>[.<item>]``, ``quote`` verbatim."""

    id: str
    regime: str
    article: int
    quote: str

    @property
    def citation(self) -> str:
        """Title and article as officials write them.

        >>> clause("xian-open-2022/23.p2.a").citation
        '《西安市政务数据开放管理办法（征求意见稿）》第二十三条'
        """
        return f"《{regulation(self.regime).title}》第{chinese_numeral(self.article)}条"


def chinese_numeral(number: int) -> str:
    """An article number from 1 to 99 in Chinese.

    >>> [chinese_numeral(each) for each in (7, 10, 12, 20, 47)]
    ['七', '十', '十二', '二十', '四十七']
    """
    tens, ones = divmod(number, 10)
    leading = (_DIGITS[tens] if tens > 1 else "") + "十" if tens else ""
    return leading + (_DIGITS[ones] if ones else "")


@cache
def regulation(regime_id: str) -> Regulation:
    """The regulation with this id.

    Raises:
        LawError: no regulation has that id.
    """
    head = law_data(f"{_known(regime_id)}.yaml")
    return Regulation(
        id=regime_id,
        title=head["title"],
        short=head["short"],
        status=LegalStatus[head["status"].upper()],
        note=head["status_note"],
    )


@cache
def clauses_of(regime_id: str) -> tuple[Clause, ...]:
    """Every clause of one regulation, in the order of the text.

    Raises:
        LawError: no regulation has that id.
    """
    quotes = law_data(f"{_known(regime_id)}.clauses.yaml")
    return tuple(_clause(regime_id, item, quote) for item, quote in quotes.items())


def clause(clause_id: str) -> Clause:
    """The clause with this id (``xian-open-2022/23.p2.a``).

    Raises:
        LawError: its regulation is unknown or has no such item.
    """
    found = _by_id(clause_id.partition("/")[0]).get(clause_id)
    if found is None:
        raise LawError(
            f"no clause is called {clause_id!r}; ids read <regime>/<article>[.<item>] "
            "as in opendata/regimes/<regime>.clauses.yaml"
        )
    return found


def law_data(name: str) -> YamlValue:
    """One YAML file of ``opendata/regimes``, parsed anew; callers keep what they make of it."""
    text = files("opendata.regimes").joinpath(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)


@cache
def _by_id(regime_id: str) -> dict[str, Clause]:
    return {each.id: each for each in clauses_of(regime_id)}


def _clause(regime_id: str, item: str, quote: str) -> Clause:
    article = int(item.partition(".")[0])
    return Clause(id=f"{regime_id}/{item}", regime=regime_id, article=article, quote=quote)


def _known(regime_id: str) -> str:
    if regime_id not in KNOWN_REGIMES:
        raise LawError(
            f"no regulation is called {regime_id!r}; the product knows {', '.join(KNOWN_REGIMES)}"
        )
    return regime_id
