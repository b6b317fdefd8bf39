"""The drop folder: ``inbox/<body>/drop/``, from which files are taken once they lie still.

A file that exactly one source of the body is called by goes into the inbox, the one before makes
way; any other goes to ``failed/`` with a receipt, and nothing is ever deleted. What becomes of a
file in the inbox is decided elsewhere and told to ``close``.
"""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from opendata.catalog import Dataset
from opendata.receipts import RECEIPT_ENDING, Receipt, Remark, receipt_text
from opendata.source import Source
from resources.deliveries import DONE, DROP, FAILED, Deliveries, Delivery, State
from resources.fsio import locked, sha256_of_file

_LONGEST_NAME = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A dropped file at one look: all that changes while somebody writes it; times in ns."""

    path: Path
    mode: int
    ino: int
    size: int
    mtime_ns: int
    ctime_ns: int


def settled(
    before: Iterable[Seen], now: Iterable[Seen], *, at: datetime, settle_seconds: int
) -> tuple[Seen, ...]:
    """What is the same in both looks and has lain unchanged for so long; the oldest first.

    The kernel's time of change counts beside the file's own, which a copy may bring along; two
    looks count as well, for file servers whose clocks go wrong.
    """
    latest = int((at.timestamp() - settle_seconds) * 1_000_000_000)
    lying = set(before).intersection(now)
    still = (each for each in lying if max(each.mtime_ns, each.ctime_ns) <= latest)
    return tuple(sorted(still, key=lambda each: (each.mtime_ns, each.path.name)))


@dataclass(frozen=True, slots=True)
class DropFolder:
    """The drop folder of one body; ``inbox`` is the body's own inbox."""

    inbox: Path

    @property
    def trouble(self) -> str | None:
        """Why nothing can be taken from the folder (English); None when it can, or is not there."""
        folder = self.inbox / DROP
        if folder.is_symlink():
            return f"{folder} is a link; make it a folder of its own"
        if folder.is_dir() and folder.stat().st_dev != self.inbox.stat().st_dev:
            return f"{folder} is on another file system than {self.inbox}; put both on one"
        return None

    @property
    def is_used(self) -> bool:
        """Whether anything lies there or is on its way."""
        return bool(self.look()) or self._deliveries.unfinished()

    def claimed(self) -> tuple[Delivery, ...]:
        """What lies in the inbox and was not judged yet."""
        return tuple(each for each in self._deliveries.all() if each.state is State.CLAIMED)

    def look(self) -> tuple[Seen, ...]:
        """Everything that lies in the drop folder but hidden files, from outside."""
        folder = self.inbox / DROP
        return tuple(_seen(folder)) if folder.is_dir() and not self.trouble else ()

    def claim(
        self, files: Iterable[Seen], datasets: Iterable[Dataset], *, received_at: datetime
    ) -> tuple[Delivery, ...]:
        """Take these files; what is in the inbox now and waits for its judgement.

        One file a source at a time: the next one stays until this one was judged. First of all it
        finishes what a crash cut off. Of several processes one takes a file.
        """
        offered = tuple(_offers(datasets))
        self._deliveries.notes.mkdir(exist_ok=True, mode=0o700)
        with locked(self._deliveries.notes / ".lock"):
            for each in self._deliveries.all():
                self._deliveries.go_on(each)
            for number, file in enumerate(files):
                at = received_at + timedelta(microseconds=number)
                self._take(_delivery(file, at), file, offered)
            return self.claimed()

    def close(
        self,
        delivery: Delivery,
        *,
        done: bool,
        receipt: Callable[[str], str],
    ) -> None:
        """End a delivery that was judged: its receipt is written to ``done`` or ``failed``.

        A failed file goes there too, and the one before comes back. ``receipt`` makes the text
        from the place where the file will lie.
        """
        state = State.DONE if done else State.FAILED
        kept = f"inbox/{self.inbox.name}/{delivery.name}（由新文件替换后移入 {DONE}/）"
        place = kept if done else self._failed(delivery)
        with locked(self._deliveries.notes / ".lock"):
            if delivery not in self._deliveries.all():
                return  # another process was faster
            ended = replace(delivery, state=state, receipt=receipt(place))
            self._deliveries.write(ended)
            self._deliveries.go_on(ended)

    @property
    def _deliveries(self) -> Deliveries:
        return Deliveries(self.inbox)

    def _failed(self, delivery: Delivery) -> str:
        return f"inbox/{self.inbox.name}/{FAILED}/{delivery.id}"

    def _take(
        self, delivery: Delivery, file: Seen, offered: tuple[tuple[Dataset, Source], ...]
    ) -> None:
        if not _is_there(file):
            return  # another process was faster
        matching = tuple(each for each in offered if _takes(each[1], file.path.name))
        if remark := _wrong(file) or _unmatched(matching):
            self._refuse(delivery, file, remark)
            return
        (dataset, source), *_ = matching
        claimed = replace(delivery, dataset_id=dataset.id, source_id=source.id)
        current = {each.note: each for each in self._deliveries.all()}.get(claimed.note)
        if current and current.state is State.CLAIMED:
            return
        displaced = tuple(self._making_way(claimed, source, current))
        claimed = replace(claimed, displaced=displaced)
        self._deliveries.write(claimed)
        self._deliveries.go_on(claimed)

    def _making_way(
        self, claimed: Delivery, source: Source, current: Delivery | None
    ) -> Iterator[tuple[str, str]]:
        """The files of this source in the inbox; one that was dropped goes beside its receipt."""
        files = (each for each in sorted(self.inbox.iterdir()) if not each.is_dir())
        own = (each for each in files if not _is_hidden(each.name) and _takes(source, each.name))
        for number, path in enumerate(own, start=1):
            if current and (current.name, current.ino) == (path.name, path.lstat().st_ino):
                yield path.name, current.id
            else:
                yield path.name, _id(path.name, claimed.received_at, number)

    def _refuse(self, delivery: Delivery, file: Seen, remark: Remark) -> None:
        readable = stat.S_ISREG(file.mode) and os.access(file.path, os.R_OK)
        text = receipt_text(
            Receipt(
                name=delivery.shown,
                received_at=delivery.received_at,
                size=file.size,
                sha256=sha256_of_file(file.path) if readable else None,
                handled=False,
                place=self._failed(delivery),
                remarks=(remark,),
            )
        )
        refused = replace(delivery, state=State.FAILED, receipt=text)
        self._deliveries.write(refused)
        self._deliveries.go_on(refused)


def _seen(folder: Path) -> Iterator[Seen]:
    for path in sorted(folder.iterdir()):
        if _is_hidden(path.name):
            continue
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue
        yield Seen(
            path=path,
            mode=found.st_mode,
            ino=found.st_ino,
            size=found.st_size,
            mtime_ns=found.st_mtime_ns,
            ctime_ns=found.st_ctime_ns,
        )


def _is_hidden(name: str) -> bool:
    """Files of programs still writing, and the lock an open workbook leaves beside itself."""
    return name.startswith((".", "~$"))


def _is_there(file: Seen) -> bool:
    try:
        return file.path.lstat().st_ino == file.ino
    except FileNotFoundError:
        return False


def _offers(datasets: Iterable[Dataset]) -> Iterator[tuple[Dataset, Source]]:
    for dataset in datasets:
        yield from ((dataset, source) for source in dataset.sources)


def _takes(source: Source, name: str) -> bool:
    """Whether a source's pattern names this file; one with folders is for files put by hand."""
    pattern = PurePosixPath(source.files or "")
    return len(pattern.parts) == 1 and fnmatchcase(name, pattern.name)


def _plain(name: str) -> str:
    """The name without what cannot be shown: control characters, and bytes that are no UTF-8."""
    return "".join("_" if unicodedata.category(each).startswith("C") else each for each in name)


def _id(name: str, at: datetime, number: int = 0) -> str:
    """What a file is called among those that were done or failed: a time and its name.

    ``number`` counts the files that make way for another, which has the same time.
    """
    end = _plain(name).encode()[-_LONGEST_NAME:].decode(errors="ignore")
    return f"{at:%Y%m%d-%H%M%S-%f}-{number}_{end}"


def _delivery(file: Seen, received_at: datetime) -> Delivery:
    return Delivery(
        id=_id(file.path.name, received_at),
        name=file.path.name,
        shown=_plain(file.path.name),
        ino=file.ino,
        size=file.size,
        received_at=received_at,
    )


def _is_no_file(file: Seen) -> Remark | None:
    if stat.S_ISREG(file.mode):
        return None
    kinds = {stat.S_IFLNK: "链接", stat.S_IFDIR: "文件夹"}
    kind = kinds.get(stat.S_IFMT(file.mode), "特殊文件")
    return Remark(text=f"放入的是{kind}，不是普通文件。", remedy="请放入数据文件本身。")


def _has_no_plain_name(file: Seen) -> Remark | None:
    name = file.path.name
    if name == _plain(name) and not name.endswith(RECEIPT_ENDING):
        return None
    return Remark(
        text="文件名含有控制字符、不是 UTF-8 编码，或与回执重名。",
        remedy="请改用普通的文件名后重新放入。",
    )


def _is_empty(file: Seen) -> Remark | None:
    return None if file.size else Remark(text="是空文件。", remedy="请导出数据后重新放入。")


def _is_locked_away(file: Seen) -> Remark | None:
    if os.access(file.path, os.R_OK):
        return None
    return Remark(text="没有读取该文件的权限。", remedy="请调整文件权限后重新放入。")


_RULES: tuple[Callable[[Seen], Remark | None], ...] = (
    _is_no_file,
    _has_no_plain_name,
    _is_empty,
    _is_locked_away,
)


def _wrong(file: Seen) -> Remark | None:
    return next((remark for rule in _RULES if (remark := rule(file))), None)


def _unmatched(matching: tuple[tuple[Dataset, Source], ...]) -> Remark | None:
    """A file must be called as exactly one source of its body calls it."""
    if len(matching) == 1:
        return None
    if not matching:
        return Remark(
            text="文件名与本部门目录中登记的任何文件名都不相符。",
            remedy="请按目录登记的文件名命名后重新放入，或请数据管理员修改目录。",
        )
    titles = "、".join(dict.fromkeys(f"“{dataset.title}”" for dataset, _ in matching))
    return Remark(
        text=f"文件名与多个数据来源相符（{titles}），无法确定属于哪一个。",
        remedy="请数据管理员修改目录中的文件名，使其各不相同。",
    )
