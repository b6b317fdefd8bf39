"""``opendata draft``: from a file to a proposed entry, step by step.

Looked at, proposed, proven on the whole file, written below ``drafts/``; never into the catalog.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from opendata.catalog import Catalog, Dataset
from opendata.catalog_file import parse_catalog
from opendata.entry import NAME
from opendata.errors import HomeError, SourceError
from pipelines.drafting.counting import columns_of, fingerprint
from pipelines.drafting.draft import Draft, joined, said_once
from pipelines.drafting.elements import elements_of
from pipelines.drafting.fields import Drafted, proposals_for
from pipelines.drafting.handed import private_folder
from pipelines.drafting.kinds import kind_of_column
from pipelines.drafting.layout import ignored_headings, layout_of
from pipelines.drafting.looking import look_at
from pipelines.drafting.meanings import meaning_of
from pipelines.drafting.naming import names_of
from pipelines.drafting.proven import (
    data_time_of,
    keys_of,
    people_missed,
    required_of,
    unread_types,
)
from pipelines.drafting.proving import proving
from pipelines.drafting.seen import Column, Confidence, Proposal, Table
from resources.clock import Clock
from resources.fsio import write_durably
from resources.home import Home
from resources.source_errors import cannot_land

SURE, LIKELY, OPEN = Confidence.SURE, Confidence.LIKELY, Confidence.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is drafted: a file, the body it comes from, and what is already settled about it.

    ``url`` is set where the file was fetched from an address that the entry should name.
    """

    path: Path
    body: str
    id: str | None = None
    url: str | None = None


def draft_into(home: Home, asked: Asked, *, out: Path | None = None) -> tuple[Draft, Path]:
    """Draft an entry and write it to ``out``, or to ``drafts/<body>/<id>.yaml`` of the home.

    Raises:
        HomeError: the body or id is no name, ``out`` lies in the catalog, or another draft there.
        SourceError: the file is nothing that can be landed.
    """
    draft = drafted(home, asked)
    path = out or home.root / "drafts" / draft.body / f"{draft.id}.yaml"
    if path.resolve().is_relative_to((home.root / "catalog").resolve()):
        raise HomeError(
            f"{path} lies in the catalog; a draft is looked through first: write it elsewhere"
        )
    content = draft.text().encode()
    if path.exists() and path.read_bytes() != content:
        raise HomeError(
            f"another draft lies at {path}, and somebody may have worked on it; remove it, or give "
            "another --id or --out"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, content)
    return draft, path


def drafted(home: Home, asked: Asked) -> Draft:
    """Look at the file, propose, and prove the proposals on the whole of it; writes nothing.

    Raises:
        HomeError, SourceError: as ``draft_into``.
    """
    for given in filter(None, (asked.body, asked.id)):
        if not NAME.fullmatch(given):
            raise HomeError(f"{given!r} is no name for a body or dataset; use {NAME.pattern}")
    as_of = Clock(home.settings.timezone).as_of
    with private_folder(home) as scratch:
        table = look_at(asked.path, scratch=scratch)
        first = _first_draft(asked, table, home.examine_catalog().catalog)
        return _proven(first, table, scratch=scratch, as_of=as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class _First:
    """A draft before it has been proven, and the fields it was made of."""

    draft: Draft
    fields: tuple[Drafted, ...]
    catalog: Catalog


def _first_draft(asked: Asked, table: Table, catalog: Catalog) -> _First:
    columns = columns_of(table)
    fields = _fields(table, columns)
    if not fields:
        raise cannot_land(
            table.name,
            "none of its columns has a heading of its own; ask the body for headings",
            reason="没有可用的列标题，请补标题后重新报送。",
        )
    known = [(each.column, each.meaning, each.kind) for each in fields]
    untitled = [(each, None, None) for each in columns if not each.heading]
    draft = Draft(
        id=asked.id or _id_for(asked, table),
        body=asked.body,
        file=table.name,
        proposals=joined(
            _entry(asked, table, catalog),
            layout_of(table, [*known, *untitled] if table.heads.row else known, url=asked.url),
            *map(proposals_for, fields),
        ),
    )
    return _First(draft=draft, fields=fields, catalog=catalog)


def _fields(table: Table, columns: Sequence[Column]) -> tuple[Drafted, ...]:
    ignored = set(ignored_headings(table))
    kept = [
        each
        for each in columns
        if not table.heads.row or (each.heading and each.heading not in ignored)
    ]
    names = names_of((each.place, each.heading) for each in kept)
    return tuple(_drafted(each, *names[each.place]) for each in kept)


def _drafted(column: Column, name: str, known: bool) -> Drafted:  # noqa: FBT001 - one pair, unpacked
    meaning = meaning_of(column)
    return Drafted(
        name=name,
        known=known,
        title=column.heading or f"第{column.place + 1}列",
        column=column,
        meaning=meaning,
        kind=kind_of_column(column, meaning),
    )


def _entry(asked: Asked, table: Table, catalog: Catalog) -> Iterator[Proposal]:
    """The head of the entry: what it is called and whose it is."""
    draft_id = asked.id or _id_for(asked, table)
    said = "命令中给出" if asked.id else "由文件名而来，请改成易记的英文，文件随之改名"
    yield _top("id", SURE if asked.id else OPEN, said, value=draft_id)
    yield _top("title", OPEN, "由文件名而来，请核对", value=_title(table))
    listed = any(each.id == asked.body for each in catalog.bodies)
    said = "命令中给出" if listed else "catalog/bodies.yaml 中没有该单位，须先登记"
    yield _top("body", SURE if listed else OPEN, said, value=asked.body, loud=not listed)
    yield _top("kind", SURE, "按行列读出", value="结构化数据集")
    yield _top("formats", LIKELY, "发布时的格式", value=["Parquet", "CSV"])


def _top(
    key: str, confidence: Confidence, said: str, *, value: object, loud: bool = False
) -> Proposal:
    return Proposal(keys=(key,), value=value, confidence=confidence, evidence=said, loud=loud)


def _title(table: Table) -> str:
    return re.sub(r"(\.\w{1,5}){1,2}$", "", table.name) or table.name


def _id_for(asked: Asked, table: Table) -> str:
    """An id from the file's name; from its letters where it has enough, else from a digest."""
    letters = re.sub(r"[^a-z0-9]+", "_", _title(table).lower()).strip("_")
    if len(letters) >= 4 and NAME.fullmatch(letters):
        return letters
    return f"{asked.body}_{fingerprint([_title(table)])}"


# --- Proving -------------------------------------------------------------------------------


def _proven(first: _First, table: Table, *, scratch: Path, as_of: date) -> Draft:
    """The draft with what the whole file says; a type that its casts refuse becomes text."""
    dataset = _parsed(first.draft)
    try:
        with proving(dataset, table.path, table.name, scratch=scratch) as proof:
            unread = unread_types(first.fields, proof)
            fields = tuple(
                replace(each, kind=None) if each.name in unread else each for each in first.fields
            )
            proposals = joined(
                _without_types(first.draft.proposals, unread),
                required_of(fields, proof),
                people_missed(fields, proof),
                keys_of(fields, proof),
                data_time_of(fields, proof, as_of=as_of),
                elements_of(fields, first.catalog),
            )
            rows, blank = proof.rows, proof.blank
    except SourceError as error:
        return replace(first.draft, refused=error.reason)
    return replace(first.draft, proposals=said_once(proposals), rows=rows, blank=blank)


def _without_types(proposals: tuple[Proposal, ...], unread: dict[str, int]) -> Iterator[Proposal]:
    for each in proposals:
        name = each.keys[1] if each.keys[0] == "fields" else None
        if name not in unread or each.keys[2] not in {"type", "scale", "date_formats"}:
            yield each
        elif each.keys[2] == "type":
            said = f"{each.evidence}，但全文件 {unread[name]:,} 个值读不出，改按文本"
            yield replace(each, value=None, confidence=OPEN, evidence=said, loud=True)


def _parsed(draft: Draft) -> Dataset:
    """The draft read back as the catalog will read it."""
    catalog = parse_catalog(
        {
            "catalog/bodies.yaml": f"bodies: {{{draft.body}: {draft.body}}}\n".encode(),
            f"catalog/{draft.body}/{draft.id}.yaml": draft.text().encode(),
        }
    )
    return catalog.dataset(draft.id)
