"""``opendata catalog import``: a filled-in workbook becomes YAML, all of it or nothing.

Entries whose meaning does not change are not written again, so their comments stay. Of an entry
that changes, the comment at the head of the file is kept; others are counted and told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from opendata.catalog_schema import EntryFile
from opendata.entry_yaml import entry_yaml
from pipelines.authoring.complaints import Complaint
from pipelines.authoring.judging import judge
from pipelines.authoring.notes import marked_path, write_marked
from pipelines.authoring.rows import Stated, state
from pipelines.authoring.shelf import Shelf, Shelved, Values, shelf_of
from pipelines.authoring.workbook import Filled, read_workbook
from resources.fsio import flush, locked
from resources.home import Home

_LOCK = ".catalog.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a workbook did to the catalog, or why it did nothing.

    ``changed`` has the keys of each entry that differ now, ``lost_comments`` the comment lines a
    rewritten entry no longer has; ``absent`` are entries of the catalog without a row, left alone.
    """

    new: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]]
    unchanged: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()
    lost_comments: Mapping[str, int]
    complaints: tuple[Complaint, ...] = ()
    marked: Path | None = None
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "new": list(self.new),
            "changed": {name: list(keys) for name, keys in self.changed.items()},
            "unchanged": list(self.unchanged),
            "absent": list(self.absent),
            "read_as": list(self.read_as),
            "lost_comments": dict(self.lost_comments),
            "problems": [each.as_json() for each in self.complaints],
            "marked": str(self.marked) if self.marked else None,
            "dry_run": self.dry_run,
        }

    def as_text(self) -> str:
        """The problems, or entry by entry what changed."""
        if self.complaints:
            return "\n".join([*map(str, self.complaints), *self._refused()])
        return "\n".join([*self.read_as, *self._entries(), self._closing()])

    def _refused(self) -> list[str]:
        said = [f"{len(self.complaints)} problem(s); the catalog is as it was"]
        return said + ([f"each is explained on its cell in {self.marked}"] if self.marked else [])

    def _entries(self) -> list[str]:
        lines = [f"{name}: new" for name in self.new]
        for name, keys in self.changed.items():
            lost = self.lost_comments.get(name)
            lines.append(f"{name}: changed: {', '.join(keys)}")
            lines += [f"{name}: {lost} line(s) of comments {self._lost()}"] if lost else []
        return lines + [f"{name}: not in the workbook, left alone" for name in self.absent]

    def _lost(self) -> str:
        return "would be lost" if self.dry_run else "are lost; only those at its head are kept"

    def _closing(self) -> str:
        said = (
            f"{len(self.new)} new, {len(self.changed)} changed, {len(self.unchanged)} unchanged, "
            f"{len(self.absent)} not in the workbook"
        )
        return f"{said}; nothing was written" if self.dry_run else said


def import_workbook(home: Home, path: Path, *, dry_run: bool) -> Imported:
    """Read a workbook, check what it makes of the catalog, and write it, or hand the book back.

    When anything is wrong the catalog stays as it is and a marked copy is written beside the
    workbook. A dry run writes neither.

    Raises:
        CatalogError: it is no workbook of this kind.
    """
    filled = read_workbook(path)
    with locked(home.root / _LOCK):
        shelf = shelf_of(home)
        made = state(filled, shelf)
        different = {
            name: each for name, each in made.entries.items() if _differs(each, shelf.entries)
        }
        texts = {each.path: _written(each, shelf) for each in different.values()}
        complaints = [*made.complaints, *judge(made.entries, texts, shelf, filled)]
        if complaints:
            return _refused(complaints, filled, path, dry_run=dry_run)
        if not dry_run:
            replace_all({home.root / each: text for each, text in texts.items()})
    return _done(different, made.entries, shelf, tuple(made.read_as), dry_run=dry_run)


def _differs(stated: Stated, entries: Mapping[str, Shelved]) -> bool:
    entry = entries.get(stated.id)
    return entry is None or _meaning(entry.values) != _meaning(stated.values)


def _meaning(values: Values) -> Any:
    """What an entry says, defaults spelled out, fields in their order; itself when it is wrong."""
    try:
        whole = EntryFile.model_validate(values).model_dump()
    except ValidationError:
        return values
    return whole | {"fields": list(whole["fields"].items())}


def _changes(before: Values, after: Values) -> tuple[str, ...]:
    """The keys whose value differs, fields by name, and whether fields stand in another order."""
    keys = [key for key in EntryFile.model_fields if before.get(key) != after.get(key)]
    changed = [key for key in keys if key != "fields"]
    old, new = before.get("fields") or {}, after.get("fields") or {}
    for name in dict.fromkeys([*old, *new]):
        if name not in old or name not in new:
            changed.append(f"fields.{name} ({'added' if name in new else 'removed'})")
        else:
            parts = [
                key
                for key in {**old[name], **new[name]}
                if old[name].get(key) != new[name].get(key)
            ]
            changed += [f"fields.{name}.{part}" for part in parts]
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        changed.append("fields (order)")
    return tuple(changed)


def _written(stated: Stated, shelf: Shelf) -> str:
    entry = shelf.entries.get(stated.id)
    lines = _head(entry.text) if entry else []
    head = "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines).rstrip()
    return entry_yaml(stated.values, comments={(): head} if head else {})


def _head(text: str) -> list[str]:
    """The lines before the first key: comments, and blank lines among them."""
    return list(takewhile(lambda line: line.startswith("#") or _is_blank(line), text.splitlines()))


def _is_blank(line: str) -> bool:
    return not line.strip()


def _lost_comments(text: str) -> int:
    """How many lines of an entry have a comment that is not at its head."""
    return _comment_lines(text) - sum(not _is_blank(line) for line in _head(text))


def _comment_lines(text: str) -> int:
    """How many lines have a comment: a hash between the tokens of YAML, not one in a text."""
    count = end = 0
    for token in yaml.scan(text):
        start = token.start_mark.index
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            # NOTE: the first line of a block of text may end in a comment.
            start += len(text[start : token.end_mark.index].splitlines()[0])
        count += sum("#" in line for line in text[end:start].splitlines())
        end = token.end_mark.index
    return count


def _refused(
    complaints: Sequence[Complaint], filled: Filled, path: Path, *, dry_run: bool
) -> Imported:
    marked = None if dry_run else marked_path(path)
    if marked:
        write_marked(filled.book, complaints, marked)
    return Imported(
        changed={},
        lost_comments={},
        complaints=tuple(complaints),
        marked=marked,
        dry_run=dry_run,
    )


def _done(
    different: Mapping[str, Stated],
    stated: Mapping[str, Stated],
    shelf: Shelf,
    read_as: tuple[str, ...],
    *,
    dry_run: bool,
) -> Imported:
    old = {name: shelf.entries[name] for name in different if name in shelf.entries}
    lost = {name: _lost_comments(entry.text) for name, entry in old.items()}
    return Imported(
        new=tuple(name for name in different if name not in old),
        changed={
            name: _changes(entry.values, different[name].values) for name, entry in old.items()
        },
        unchanged=tuple(name for name in stated if name not in different),
        absent=tuple(name for name in (*shelf.entries, *shelf.unreadable) if name not in stated),
        read_as=read_as,
        lost_comments={name: count for name, count in lost.items() if count > 0},
        dry_run=dry_run,
    )


def replace_all(texts: Mapping[Path, str]) -> None:
    """Write every file aside, then swap them in; when one cannot be, those before it go back.

    A process that is killed between two swaps leaves each file whole, old or new; importing the
    same workbook again finishes it.
    """
    aside = {path: path.with_name(f".{path.name}.new") for path in texts}
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    swapped: list[Path] = []
    try:
        for path, passing in aside.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            passing.write_text(texts[path], encoding="utf-8")
        flush(list(aside.values()))
        for path, passing in aside.items():
            passing.rename(path)
            swapped.append(path)
    except BaseException:
        for path in swapped:
            _put_back(path, before[path])
        for passing in aside.values():
            passing.unlink(missing_ok=True)
        raise
    flush(list({path.parent for path in texts}))


def _put_back(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
