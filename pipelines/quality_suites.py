"""``opendata quality suite``: the suite of a contract as Great Expectations keeps it.

The catalog entry is the source of every rule; a suite file is a copy of it. A copy that was edited
is compared with the contract, and the contract wins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from opendata.catalog import Catalog, Dataset
from opendata.errors import CatalogError, HomeError, Problem
from opendata.findings import Expectation
from quality.plan import plan
from quality.suite import expectations_for
from quality.suite_diff import RuleDiff, suite_diff
from quality.suite_json import from_suite_json, to_suite_json
from resources.fsio import write_swapped
from resources.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSuite:
    """A suite file that was written."""

    path: Path
    rules: int

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"suite": str(self.path), "rules": self.rules}

    def as_text(self) -> str:
        """In Chinese."""
        return f"{self.rules} 条规则已写入 {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSuite:
    """A suite file beside the contract: what is wrong with it, or how it differs."""

    dataset: Dataset
    path: Path
    problems: tuple[Problem, ...] = ()
    differences: tuple[RuleDiff, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "dataset": self.dataset.id,
            "problems": [{"where": each.where, "message": each.message} for each in self.problems],
            "differences": [_diff_json(each) for each in self.differences],
        }

    def as_text(self) -> str:
        """In Chinese."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for problem in self.problems:
            yield str(problem)
        if self.problems:
            yield f"{self.path}：{len(self.problems)} 处错误，未作比较。"
            return
        for each in self.differences:
            yield from _diff_lines(each)
        if self.differences:
            yield (
                f"{len(self.differences)} 条规则与目录条目不一致，以目录条目为准；如要采用文件中的"
                f"写法，请修改 catalog/{self.dataset.body}/{self.dataset.id}.yaml。"
            )
        else:
            yield f"{self.path} 与目录条目的规则一致。"


def suite_text(home_dir: Path | None, dataset_id: str) -> str:
    """The suite of a dataset as the text of a suite file.

    Raises:
        UnknownDataset: the catalog has no such entry.
        CatalogError: the catalog has problems.
    """
    dataset, catalog = _entry(home_dir, dataset_id)
    return to_suite_json(dataset.id, expectations_for(dataset, catalog)) + "\n"


def write_suite(home_dir: Path | None, dataset_id: str, out: Path) -> WrittenSuite:
    """Write the suite of a dataset to ``out``, in place of what lies there.

    Raises:
        UnknownDataset: the catalog has no such entry.
        CatalogError: the catalog has problems.
        HomeError: the file cannot be written.
    """
    dataset, catalog = _entry(home_dir, dataset_id)
    rules = expectations_for(dataset, catalog)
    try:
        write_swapped(out, (to_suite_json(dataset.id, rules) + "\n").encode())
    except OSError as error:
        raise HomeError(f"{out} cannot be written: {error.strerror}") from None
    return WrittenSuite(path=out, rules=len(rules))


def check_suite(home_dir: Path | None, dataset_id: str, path: Path) -> CheckedSuite:
    """Compare an edited suite file with the contract; nothing is changed.

    Raises:
        UnknownDataset: the catalog has no such entry.
        CatalogError: the catalog itself has problems.
    """
    dataset, catalog = _entry(home_dir, dataset_id)
    contract = expectations_for(dataset, catalog)
    try:
        edited = from_suite_json(path.read_text(encoding="utf-8-sig"))
        plan(edited)
    except UnicodeDecodeError as error:
        problem = Problem(where="suite", message=f"is not UTF-8 at byte {error.start}")
        return CheckedSuite(dataset=dataset, path=path, problems=(problem,))
    except CatalogError as error:
        return CheckedSuite(dataset=dataset, path=path, problems=error.problems)
    return CheckedSuite(dataset=dataset, path=path, differences=suite_diff(contract, edited))


def _entry(home_dir: Path | None, dataset_id: str) -> tuple[Dataset, Catalog]:
    catalog = Home.find(home_dir).read_catalog()
    return catalog.dataset(dataset_id), catalog


def _diff_lines(diff: RuleDiff) -> Iterator[str]:
    if diff.file is None:
        description = diff.contract.description if diff.contract else ""
        yield f"文件中没有：{diff.rule}（{description}）；仍按目录条目执行"
        return
    if diff.contract is None:
        yield f"目录条目中没有：{diff.rule}；不执行。如要采用，在 quality.rules 中加入："
        yield from (f"  {line}" for line in _as_entry(diff.file).splitlines())
        return
    yield f"不一致：{diff.rule}（{diff.contract.description}）"
    for each in diff.changes:
        yield f"  {each.name}：目录条目 {each.contract}，文件 {each.file}；按目录条目执行"


def _as_entry(rule: Expectation) -> str:
    """A rule the way a catalog entry says it."""
    written = {
        "expect": rule.type,
        "kwargs": dict(rule.kwargs),
        "indicator": rule.indicator,
        "description": rule.description,
        "severity": rule.severity.value,
        "on_fail": rule.on_fail.value,
        "mostly": rule.mostly,
    }
    return yaml.safe_dump([written], allow_unicode=True, sort_keys=False)


def _diff_json(diff: RuleDiff) -> dict[str, Any]:
    return {
        "rule": diff.rule,
        "in_contract": diff.contract is not None,
        "in_file": diff.file is not None,
        "changes": {
            each.name: {"contract": each.contract, "file": each.file} for each in diff.changes
        },
    }
