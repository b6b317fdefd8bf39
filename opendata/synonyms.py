"""What people write where the law has one word: used to suggest, never to accept.

The table is ``synonyms.yaml``, collected from real catalogues. Suggestions never come from edit
distance: on two-character words it proposes 每月 for 每天.
"""

from functools import cache
from importlib.resources import files

import yaml

from opendata.vocabulary import Term


def meant(vocabulary: type[Term], given: str) -> str | None:
    """The term that people mean when they write ``given``; None when the table does not know.

    >>> from opendata.vocabulary import Openness, UpdateFrequency
    >>> meant(UpdateFrequency, "每天"), meant(Openness, "完全开放"), meant(Openness, "随便")
    ('每日', '无条件开放', None)
    """
    return _table().get(vocabulary.__name__, {}).get(given.strip().lower())


@cache
def _table() -> dict[str, dict[str, str]]:
    given = yaml.safe_load((files("opendata") / "synonyms.yaml").read_text(encoding="utf-8"))
    return {
        vocabulary: {
            spelling.lower(): term for term, spellings in terms.items() for spelling in spellings
        }
        for vocabulary, terms in given.items()
    }
