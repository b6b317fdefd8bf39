"""One meaning per word, and no sentence about anything but the product."""

import re
import subprocess
from enum import Enum
from pathlib import Path

import pytest

from opendata import vocabulary

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "ledger": "the record, or the register",
    "数据管家": "数据管理员",
    "已拦截": "暂缓开放",
    "合规通过": "未发现不符合所载规则的情形",
}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.split("\n") if line and (ROOT / line).is_file()]


@pytest.mark.parametrize("word", list(FORBIDDEN), ids=["ledger", "steward", "blocked", "pass"])
def test_a_retired_word_stays_retired(word: str) -> None:
    users = [
        path.relative_to(ROOT).as_posix()
        for path in tracked("*.py", "*.md", "*.yaml", "*.html", "*.sql")
        if "tests" not in path.parts and word in path.read_text(encoding="utf-8")
    ]

    assert users == [], f"say {FORBIDDEN[word]}"


def test_every_term_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = [
        term
        for kind in vars(vocabulary).values()
        if isinstance(kind, type) and issubclass(kind, Enum)
        for term in kind
    ]

    assert [str(term) for term in terms if str(term.value) not in glossary] == []


def test_no_file_names_a_package_host() -> None:
    host = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|npmjs|debian)\b", re.IGNORECASE)
    naming = [path.name for path in tracked() if path.suffix != ".csv" and host.search(_text(path))]

    assert naming == []


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="ignore")
