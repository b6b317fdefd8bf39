"""What must hold of the sources of one entry: where they are, how they are read, what they load.

Checks yield problems and never raise; ``entry_checks.py`` runs them with its own.
"""

import codecs
from collections import Counter
from collections.abc import Callable, Iterator

from opendata.entry import NAME, Entry, headings, listed
from opendata.errors import Problem
from opendata.vocabulary import Load


def _one_origin(entry: Entry) -> Iterator[Problem]:
    for name, source in entry.file.all_sources.items():
        given = [key for key in ("files", "exchange", "pull") if getattr(source, key) is not None]
        if len(given) != 1:
            said = f"give exactly one of files, exchange and pull; there are {len(given)}."
            yield entry.problem(*_at(entry, name), said=said)


def _loads_what_can_be_told_apart(entry: Entry) -> Iterator[Problem]:
    keys = [each for each in entry.file.fields.values() if each.key]
    if entry.file.load is Load.UPSERT and not keys:
        said = "按主键更新 needs a key; mark the fields that identify a row with `key: true`."
        yield entry.problem("load", said=said)
    if entry.file.load is not Load.SNAPSHOT and len(entry.file.all_sources) > 1:
        said = f"{entry.file.load.value} goes with one source; several are read whole (全量)."
        yield entry.problem("load", said=said)
    for name, source in entry.file.all_sources.items():
        if entry.file.load is Load.SNAPSHOT and source.exchange and source.exchange.watermark:
            said = "a watermark reads only what is new; write `load: 追加` or `load: 按主键更新`."
            yield entry.problem(*_at(entry, name), "exchange", "watermark", said=said)


def _headings_have_a_place(entry: Entry) -> Iterator[Problem]:
    for name, source in entry.file.all_sources.items():
        if source.header_rows > 1 and source.header_row == 0:
            said = "header_rows goes with headings; header_row 0 says there are none."
            yield entry.problem(*_at(entry, name), "header_rows", said=said)


def _pages_are_asked_for_whole(entry: Entry) -> Iterator[Problem]:
    for name, source in entry.file.all_sources.items():
        pull = source.pull
        if pull and (pull.page_size or pull.page_size_parameter) and not pull.pages:
            said = "a page size goes with `pages`, the parameter that counts them."
            yield entry.problem(*_at(entry, name), "pull", said=said)


def _at(entry: Entry, name: str) -> tuple[str, ...]:
    return ("source",) if entry.file.source else ("sources", name)


def _sources_suit_the_model(entry: Entry) -> Iterator[Problem]:
    file = entry.file
    if file.source is not None and file.sources is not None:
        yield entry.problem("sources", said="give either source or sources, not both.")
    if entry.model is None and len(file.all_sources) != 1:
        yield entry.problem(
            "source",
            said=f"there are {len(file.all_sources)} sources and no SQL beside the entry; give "
            "exactly one source, or write the .sql.",
        )
    for name, source in file.all_sources.items():
        at = _at(entry, name)
        if not NAME.fullmatch(name):
            yield entry.problem(*at, said=f"{name!r} is not a source id; ids match {NAME.pattern}.")
        if entry.model is None and source.columns is not None:
            yield entry.problem(
                *at, "columns", said="columns go with hand-written SQL; use fields.<name>.heading."
            )
        if len(file.all_sources) > 1 and source.columns is None:
            yield entry.problem(
                *at, "columns", said="each of several sources needs columns; add them."
            )


def _source_columns_are_clear(entry: Entry) -> Iterator[Problem]:
    for name, source in entry.file.all_sources.items():
        at = _at(entry, name)
        columns = source.columns if source.columns is not None else headings(entry.file)
        for heading in _repeated([*columns.values(), *source.ignored_headings]):
            yield entry.problem(*at, said=f"the heading {heading!r} is named twice; name it once.")
        for column in columns if source.columns is not None else ():
            if not NAME.fullmatch(column):
                yield entry.problem(
                    *at,
                    "columns",
                    column,
                    said=f"{column!r} must match {NAME.pattern}.",
                )


def _encodings_exist(entry: Entry) -> Iterator[Problem]:
    for name, source in entry.file.all_sources.items():
        at = _at(entry, name)
        try:
            codecs.lookup(source.encoding or "utf-8")
        except LookupError:
            yield entry.problem(
                *at, "encoding", said=f"{source.encoding!r} is no encoding; write gb18030 or utf-8."
            )


def _model_names_its_sources(entry: Entry) -> Iterator[Problem]:
    declared = entry.file.all_sources
    for line, name in entry.named_in_model("source"):
        if name not in declared:
            yield entry.problem_in_model(
                line, f"no source is called {name!r}; the entry has {listed(declared)}."
            )


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


SourceCheck = Callable[[Entry], Iterator[Problem]]
SOURCE_CHECKS: tuple[SourceCheck, ...] = (
    _sources_suit_the_model,
    _one_origin,
    _source_columns_are_clear,
    _headings_have_a_place,
    _encodings_exist,
    _pages_are_asked_for_whole,
    _loads_what_can_be_told_apart,
    _model_names_its_sources,
)
