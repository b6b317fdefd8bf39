"""``opendata quarantine``: how 问题数据 stand, the sheets that go out about them and come back.

What is asked and answered is ``assets/quarantine.py`` and ``assets/answers.py``, the sheet itself
``resources/correction_sheet.py``, the words for the steward ``quarantine_told.py``.
"""

import getpass
from collections import Counter
from contextlib import closing
from pathlib import Path

from assets.answers import Answers, answers_in
from assets.corrections import corrections_of
from assets.quarantine import Asked, held_of, lines_of
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import DecisionError
from opendata.quarantine import Reply, code_of, told_by
from opendata.record import Artefact, Event, Kind
from pipelines.quarantine_told import Exported, Listed, Resubmitted
from resources.correction_sheet import CODE_CELL, Sheet, read_sheet, write_marked, write_sheet
from resources.fsio import sha256_of_file
from resources.home import Home

_ENDING = ".待修改"


def list_quarantine(home_dir: Path | None) -> Listed:
    """How the 问题数据 of every dataset stand, as the last run left them.

    Raises:
        HomeError: a quarantine was written by another version.
    """
    with closing(Workshop.open(Home.find(home_dir).prepare())) as workshop:
        datasets = workshop.catalog.datasets
        found = tuple(held for each in datasets if (held := held_of(workshop, each)))
        bodies = {each.id: workshop.catalog.body(each.body).title for each in datasets}
        return Listed(found, bodies)


def export_sheet(home_dir: Path | None, dataset_id: str, to: Path | None) -> Exported:
    """Write the 问题数据整改单 of a dataset, at ``to`` or under ``reports/quarantine``.

    Raises:
        UnknownDataset: the catalog has no such entry.
        DecisionError: its rows are in no one file, or there is a file at ``to`` already.
        SourceError: a received file cannot be read any more.
    """
    home = Home.find(home_dir).prepare()
    with home.working(), closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        dataset = workshop.catalog.dataset(dataset_id)
        _refuse_place(to)
        asked = lines_of(workshop, dataset)
        if not asked.lines:
            return Exported(dataset, asked, None)
        number = corrections_of(workshop, dataset).number
        path = to or _place(workshop, dataset)
        write_sheet(
            path,
            asked.lines,
            about=_about(workshop, dataset, asked),
            code=code_of(dataset.id, number),
        )
        workshop.record(
            Event(
                kind=Kind.SENT_BACK,
                dataset_id=dataset.id,
                outputs=(Artefact(id="correction_sheet", sha256=sha256_of_file(path)),),
                counts={"rows": asked.rows, "cells": len(asked.lines), "waiting": asked.waiting},
            )
        )
        return Exported(dataset, asked, path)


def resubmit_sheet(home_dir: Path | None, path: Path) -> Resubmitted:
    """Take the answers of a 问题数据整改单, all of them or, where anything is wrong, none.

    Corrections come into force when the dataset is standardised next; exceptions that are asked for
    wait for a decision. Taking the same sheet again changes nothing.

    Raises:
        DecisionError: it is no 问题数据整改单.
        SourceError: a received file cannot be read any more.
    """
    sheet = read_sheet(path)
    home = Home.find(home_dir).prepare()
    with home.working(), closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        told = told_by(sheet.code)
        known = {each.id: each for each in workshop.catalog.datasets}
        if told is None or told[0] not in known:
            return _hand_back(workshop, "", Answers(remarks=[CODE_CELL]), sheet, path)
        dataset = known[told[0]]
        with corrections_of(workshop, dataset).locked():
            answers = answers_in(workshop, dataset, sheet, issued=told[1])
            if answers.remarks:
                return _hand_back(workshop, dataset.id, answers, sheet, path)
            return _enter(workshop, dataset, answers, sha256_of_file(path))


def _enter(
    workshop: Workshop, dataset: Dataset, answers: Answers, sheet_sha256: str
) -> Resubmitted:
    """The record first, then the answers."""
    counted = [each.reply for each in answers.new]
    replies = {each: counted.count(each) for each in Reply if each in counted}
    if answers.new:
        workshop.record(
            Event(
                kind=Kind.ANSWERED,
                dataset_id=dataset.id,
                inputs=(Artefact(id="correction_sheet", sha256=sheet_sha256),),
                counts={reply.code: count for reply, count in replies.items()},
            )
        )
        now = workshop.clock.now()
        corrections_of(workshop, dataset).take(sheet_sha256, answers.new, at=now, by=workshop.actor)
    return Resubmitted(
        dataset=dataset.id,
        replies=replies,
        repeated=answers.repeated,
        blank=answers.blank,
        settled=answers.settled,
    )


def _hand_back(
    workshop: Workshop, dataset_id: str, answers: Answers, sheet: Sheet, path: Path
) -> Resubmitted:
    """The record first, with kinds and counts and no word of the sheet, then the marked copy."""
    faults = Counter(each.kind.code for each in answers.remarks)
    workshop.record(
        Event(
            kind=Kind.ANSWER_REFUSED,
            dataset_id=dataset_id or None,
            inputs=(Artefact(id="correction_sheet", sha256=sha256_of_file(path)),),
            counts={"lines": len(sheet.lines), "cells": len(answers.remarks), **faults},
        )
    )
    remarks = sorted(answers.remarks, key=lambda each: each.row)
    stem = path.stem.partition(_ENDING)[0] + _ENDING
    places = (path.with_name(f"{stem}{number or ''}.xlsx") for number in range(10_000))
    marked = next(each for each in places if not each.exists())
    write_marked(sheet, remarks, marked)
    return Resubmitted(dataset=dataset_id, remarks=remarks, marked=marked)


def _refuse_place(to: Path | None) -> None:
    if to and (to.suffix.lower() != ".xlsx" or to.exists() or not to.parent.is_dir()):
        raise DecisionError(
            f"{to}: name a new file that ends in .xlsx, in a folder that is there; "
            "none is overwritten"
        )


def _place(workshop: Workshop, dataset: Dataset) -> Path:
    folder = workshop.home.reports / "quarantine"
    folder.mkdir(exist_ok=True)
    stem = f"{dataset.id}-{workshop.clock.as_of.isoformat()}"
    places = (folder / f"{stem}{f'-{number}' if number else ''}.xlsx" for number in range(10_000))
    return next(each for each in places if not each.exists())


def _about(workshop: Workshop, dataset: Dataset, asked: Asked) -> str:
    body = workshop.catalog.body(dataset.body).title
    rest = asked.waiting - asked.rows
    more = f"（另有 {rest} 条未列入）" if rest > 0 else ""
    day = workshop.clock.as_of.isoformat()
    return (
        f"数据集：{dataset.title}（{dataset.id}）　报送单位：{body}　导出日期：{day}　"
        f"问题数据 {asked.rows} 条{more}，共 {len(asked.lines)} 处"
    )
