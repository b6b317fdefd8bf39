"""Small cities for journeys: a home in a temporary folder, entries and files added by keyword.

Everything a test needs to say about a city is said through ``City``; what the product then does is
told by ``Ran`` and by the files of the home.
"""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import yaml
from click.testing import CliRunner

from assets.workshop import Workshop
from pipelines.cli import main
from resources.home import Home

ROOT = Path(__file__).parents[2]
AS_OF = "2026-03-31"
KEY = sha256(b"the key of the cities in tests").hexdigest()
SETTINGS = {
    "city": "测试市",
    "regimes": ["xian-open-2022"],
    "deployment_role": "opener_upstream",
    "platform": {"name": "测试市公共数据开放平台", "unified": True},
}
FIELDS: Mapping[str, Any] = {
    "no": {"title": "编号", "required": True, "key": True, "semantic": "业务编号"},
    "name": {"title": "名称", "required": True},
    "updated_on": {"title": "更新日期", "type": "date", "required": True},
}
HEADINGS = ("编号", "名称", "更新日期")
Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Ran:
    """One call of the command: its exit code and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which is JSON and nothing else."""
        return json.loads(self.out)

    @property
    def outcomes(self) -> dict[str, Any]:
        """The objects of ``run --json`` or ``status --json`` by dataset id."""
        return {each["id"]: each for each in self.json}


def rows_of(count: int, *, word: str = "公园", start: int = 1) -> tuple[Row, ...]:
    """So many good rows of the default fields."""
    return tuple((f"P-{n:04d}", f"{word}{n}", "2026-03-15") for n in range(start, start + count))


def csv_text(rows: Iterable[Row], *, headings: Row = HEADINGS) -> bytes:
    """Rows under headings as UTF-8 text."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode()


@dataclass(frozen=True, slots=True)
class City:
    """A home and the two ways of working in it: in this process, or in one of its own."""

    root: Path

    @classmethod
    def found(cls, root: Path, **settings: Any) -> "City":
        """A city that lists nothing yet; its key is fixed."""
        city = cls(root)
        city.put("opendata.yaml", yaml.safe_dump(SETTINGS | settings, allow_unicode=True))
        city.put("catalog/bodies.yaml", "bodies: {market: 市market局}\n")
        keys = root / "restricted" / "keys"
        keys.mkdir(mode=0o700, parents=True)
        keys.parent.chmod(0o700)
        city.put("restricted/keys/master.key", KEY + "\n")
        city.key.chmod(0o600)
        return city

    @property
    def key(self) -> Path:
        return self.root / "restricted" / "keys" / "master.key"

    @property
    def public(self) -> Path:
        return self.root / "store" / "public"

    @property
    def conditional(self) -> Path:
        return self.root / "store" / "conditional"

    def put(self, path: str, content: str | bytes) -> Path:
        """Write a file of the home."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def lists(
        self, dataset: str, *, body: str = "market", model: str | None = None, **changes: Any
    ) -> None:
        """List a dataset: an entry nothing is wrong with, but for ``changes`` (None removes)."""
        source = {"source": {"files": f"{dataset}*.csv"}} if model is None else {}
        given = {**_ENTRY, "id": dataset, "title": f"{dataset}目录", "body": body, **source}
        entry = {key: value for key, value in (given | changes).items() if value is not None}
        self.put(
            f"catalog/{body}/{dataset}.yaml",
            yaml.safe_dump(entry, allow_unicode=True, sort_keys=False),
        )
        if model is not None:
            self.put(f"catalog/{body}/{dataset}.sql", model)
        bodies = [each.name for each in (self.root / "catalog").iterdir() if each.is_dir()]
        titles = {each: f"市{each}局" for each in sorted(bodies)}
        self.put("catalog/bodies.yaml", yaml.safe_dump({"bodies": titles}, allow_unicode=True))

    def hands_over(
        self, dataset: str, given: bytes | Iterable[Row], *, body: str = "market"
    ) -> Path:
        """Put the dataset's file into its body's inbox: bytes as they are, rows under headings."""
        content = given if isinstance(given, bytes) else csv_text(given)
        return self.put(f"inbox/{body}/{dataset}.csv", content)

    def opendata(self, *words: str) -> Ran:
        """Call the command in this process."""
        done = CliRunner().invoke(main, [*words, "--home", str(self.root)], catch_exceptions=False)
        return Ran(done.exit_code, done.stdout, done.stderr)

    def run(self, *words: str, as_of: str = AS_OF) -> Ran:
        """``opendata run --json`` in this process."""
        return self.opendata("run", *words, "--as-of", as_of, "--json")

    def apart(self, *words: str) -> Ran:
        """Call the command in a process of its own."""
        done = subprocess.run(
            self.command(*words),
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=self.environ,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def command(self, *words: str) -> list[str]:
        """The arguments of a process that calls the command."""
        return [sys.executable, "-m", "pipelines.cli", *words, "--home", str(self.root)]

    def workshop(self) -> Workshop:
        """The home opened, as the command opens it, on the day of the tests."""
        return Workshop.open(Home.find(self.root).prepare(), as_of=date.fromisoformat(AS_OF))

    @property
    def environ(self) -> dict[str, str]:
        """A process's environment: this one's, silent about warnings of libraries."""
        return {**os.environ, "PYTHONWARNINGS": "ignore"}

    def manifest(self, store: str = "public") -> Any:
        """The current release of a store as JSON."""
        pointer = json.loads((self.root / "store" / store / "current.json").read_bytes())
        number = pointer["release"]
        return json.loads((self.root / "store" / store / f"releases/{number}.json").read_bytes())

    def query(self, sql: str, *, store: str = "public", views: str = "open.duckdb") -> list[Any]:
        """Rows as an analyst gets them, who opens the views of a store read-only."""
        path = self.root / "store" / store / views
        with duckdb.connect(str(path), read_only=True) as con:
            return con.execute(sql).fetchall()

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the processing record says, all of it or one kind, oldest first."""
        lines = [
            json.loads(line)
            for segment in sorted((self.root / "record").glob("record-*.jsonl"))
            for line in segment.read_text(encoding="utf-8").splitlines()
        ]
        events = [line["event"] for line in lines]
        return [each for each in events if kind is None or each["kind"] == kind]


class Demo(NamedTuple):
    """The demo city and the run that opened it; for reading only."""

    city: City
    run: Ran


@dataclass(frozen=True, slots=True)
class Kept:
    """A city as it was once, to be put back in its place: what takes long is done once a module."""

    city: City
    copy: Path

    @classmethod
    def of(cls, city: City) -> "Kept":
        """Keep the city as it is now."""
        copy = city.root.with_name("kept")
        shutil.copytree(city.root, copy)
        return cls(city, copy)

    def again(self) -> City:
        """The city as it was, in the same place."""
        shutil.rmtree(self.city.root)
        shutil.copytree(self.copy, self.city.root)
        return self.city


_ENTRY: Mapping[str, Any] = {
    "summary": "测试用数据集。",
    "theme": "城市管理",
    "kind": "结构化数据集",
    "formats": ["Parquet", "CSV"],
    "openness": "无条件开放",
    "channels": ["数据下载"],
    "update_frequency": "每月",
    "data_time": {"field": "updated_on"},
    "security_level": "一级",
    "contact_role": "数据管理员",
    "listed_on": "2026-01-05",
    "fields": dict(FIELDS),
}
