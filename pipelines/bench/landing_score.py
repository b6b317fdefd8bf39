"""How exactly real and polluted files land: exact, refused, or silently wrong.

Two folders of public files that are not part of the repository are asked for, and nothing is timed.
The CSV pollution benchmark says of each file how it is to be read and what it then holds; what our
contract cannot say counts as refused and is never guessed. For files without a clean version every
cell is compared with what Python's own readers find.
"""

import csv
import gzip
import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from opendata.errors import SourceError
from opendata.source import Source
from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure
from resources.headings import joined
from resources.received import LandedFile
from resources.sources import open_source

ARCHIVES = ("polluted_files", "survey_sample")
DATA = Path(__file__).parents[3] / "shared" / "data"
Rows = list[list[str]]
EXACT, REFUSED, WRONG = "exact", "refused", "wrong"


@dataclass(frozen=True, slots=True)
class Trial:
    """One file of the benchmark: its bytes, the given parameters, and the clean rows."""

    name: str
    content: bytes
    parameters: Mapping[str, object]
    clean: Rows

    def number(self, key: str) -> int:
        """A parameter that counts lines."""
        return int(str(self.parameters.get(key) or 0))

    def text(self, key: str) -> str:
        """A parameter that is text."""
        return str(self.parameters.get(key) or "")

    @property
    def headings(self) -> list[str]:
        """The column names given, one for each column."""
        given = self.parameters["column_names"]
        return [str(each) for each in given] if isinstance(given, list) else []


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the files of one archive; ``verdicts`` has a word for each."""

    verdicts: Mapping[str, str]

    def count(self, verdict: str) -> int:
        """How many files came to this end."""
        return sum(each == verdict for each in self.verdicts.values())

    @property
    def out_of_ten(self) -> float:
        """The share of files landed exactly, times ten: all or nothing for each file."""
        return 10 * self.count(EXACT) / max(len(self.verdicts), 1)

    def told(self) -> str:
        """The counts and the score in short."""
        counts = "/".join(str(self.count(each)) for each in (EXACT, REFUSED, WRONG))
        return f"{counts}, {self.out_of_ten:.2f}"


Reader = Callable[[Trial, Path], Rows | None]
"""Reads a trial from a path: its rows without headings, or None when it refuses."""


def landing_figures(_: Path) -> Iterator[Figure]:
    """How many files land wrongly without a word, of all there are; nothing where they are not."""
    if not DATA.is_dir():
        return
    own = {each: score(DATA / "pollock_csv", each, ours) for each in ARCHIVES}
    own["beijing_open"] = published(DATA / "beijing_open")
    peers = {
        f"{each} by {reader.__name__}": score(DATA / "pollock_csv", each, reader)
        for each in ARCHIVES
        for reader in (duckdb_with_parameters, duckdb_by_itself)
    }
    told = "; ".join(f"{name} {each.told()}" for name, each in {**own, **peers}.items())
    wrong = sum(each.count(WRONG) for each in own.values())
    yield figure(limits.SILENTLY_WRONG, wrong, f"exact/refused/wrong, out of ten: {told}")


def trials(folder: Path, archive: str) -> Iterator[Trial]:
    """The files of one of the two archives in ``folder``, in the order of their names."""
    with tarfile.open(folder / f"{archive}.tar.xz") as packed:
        members = {each.name: each for each in packed.getmembers() if each.isfile()}

        def content(part: str, name: str) -> bytes:
            file = packed.extractfile(members[f"{archive}/{part}/{name}"])
            return file.read() if file else b""

        prefix = f"{archive}/csv/"
        for name in sorted(each.removeprefix(prefix) for each in members if prefix in each):
            clean = content("clean", name).decode("utf-8", errors="surrogateescape")
            yield Trial(
                name=name,
                content=content("csv", name),
                parameters=json.loads(content("parameters", f"{name}_parameters.json")),
                clean=list(csv.reader(io.StringIO(clean, newline="")))[1:],
            )


def score(folder: Path, archive: str, reader: Reader) -> Score:
    """Read every file of the archive and compare it with its clean version, cell by cell."""
    verdicts = {}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "trial"
        for trial in trials(folder, archive):
            path.write_bytes(trial.content)
            rows = reader(trial, path)
            verdicts[trial.name] = REFUSED if rows is None else compared(rows, trial.clean)
    return Score(verdicts)


def compared(rows: Rows, clean: Rows) -> str:
    """Exact or wrong: texts as they are, in their order; rows without any cell filled apart."""
    return EXACT if _filled(rows) == _filled(clean) else WRONG


def ours(trial: Trial, path: Path) -> Rows | None:
    """What our readers land of a trial under the contract its parameters amount to."""
    source = contract_of(trial)
    return None if source is None or not trial.content else landed(path, source)


def landed(path: Path, source: Source) -> Rows | None:
    """The rows our readers land, null as empty; None when they refuse the file."""
    file = LandedFile(
        source_id=source.id,
        original_name=path.name,
        path=path,
        sha256="",
        size=path.stat().st_size,
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    with duckdb.connect() as con:
        try:
            with (
                open_source(con, file, source, relation="r", scratch=path.parent / "s") as table,
                table.reading(),
            ):
                rows = con.execute("select * from r order by _row").fetchall()
        except SourceError:
            return None
    return [[cell or "" for cell in row[:-1]] for row in rows]


def contract_of(trial: Trial) -> Source | None:
    """The contract that says what the parameters say; None when ours has no words for it."""
    quote, escape = trial.text("quotechar"), trial.text("escapechar")
    above, spanned = trial.number("preamble_lines"), trial.number("header_lines")
    says_it = (
        len(trial.text("delimiter")) == 1
        and len(quote) <= 1
        and escape in {"", quote}
        and (spanned or not above)
    )
    if not says_it:
        return None
    first, rows, headings = _headings(trial, above, spanned)
    if not headings:
        return None
    return Source(
        id="trial",
        columns=tuple((f"c{at}", heading) for at, heading in enumerate(headings)),
        files="trial",
        header_row=first,
        header_rows=rows,
        footer_rows=trial.number("footnote_lines"),
        encoding=trial.text("encoding"),
        delimiter=trial.text("delimiter"),
        quote=quote,
    )


def _headings(trial: Trial, above: int, spanned: int) -> tuple[int, int, list[str]]:
    """Where the headings stand and what they are: as given, or joined the way ours are.

    Lines of a preamble that the parameters count as headings are none where the last line alone
    is what the columns are called.
    """
    if spanned <= 1:
        return above + spanned if spanned else 0, 1, trial.headings
    text = trial.content.decode(trial.text("encoding"))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=trial.text("delimiter"))
    records = [record for record, _ in zip(reader, range(above + spanned), strict=False)]
    if records[-1] == trial.headings:
        return above + spanned, 1, trial.headings
    return above + 1, spanned, joined(records[above:])


def duckdb_with_parameters(trial: Trial, path: Path) -> Rows | None:
    """What DuckDB's reader makes of a trial with the parameters, as a peer: strict, all text."""
    options = {
        "delim": trial.text("delimiter"),
        "quote": trial.text("quotechar"),
        "escape": trial.text("escapechar") or trial.text("quotechar"),
        "skip": trial.number("preamble_lines") + trial.number("header_lines"),
        "names": [f"c{at}" for at in range(len(trial.headings))],
    }
    return _duckdb(path, {**options, "header": False, "null_padding": True, "strict_mode": False})


def duckdb_by_itself(_: Trial, path: Path) -> Rows | None:
    """What DuckDB's reader makes of a trial when it detects everything but types."""
    return _duckdb(path, {})


def _duckdb(path: Path, options: Mapping[str, object]) -> Rows | None:
    given = ", ".join(f"{key} = ${key}" for key in options)
    query = f"from read_csv($path, all_varchar = true{', ' if given else ''}{given})"
    with duckdb.connect() as con:
        try:
            rows = con.execute(query, {"path": str(path), **options}).fetchall()
        except duckdb.Error:
            return None
    return [[cell or "" for cell in row] for row in rows]


def published(folder: Path) -> Score:
    """Read every published text in ``folder`` and compare it with what Python's csv finds.

    The contract is written from the file as a steward would: the headings of the first record that
    is as full as any of the first ten. Workbooks are left out: nothing independent reads them here.
    """
    verdicts = {}
    for path in sorted(each for each in folder.iterdir() if each.suffix in {".csv", ".gz"}):
        records = _records(path.read_bytes())
        if records is not None:
            verdicts[path.name] = _published(path, records)
    return Score(verdicts)


def _published(path: Path, records: Rows) -> str:
    fullness = [sum(map(bool, record)) for record in records[:10]]
    row = fullness.index(max(fullness))
    places = [at for at, heading in enumerate(records[row]) if heading.strip()]
    source = Source(
        id="published",
        columns=tuple((f"c{at}", records[row][at]) for at in places),
        ignored_headings=("",),
        header_row=row + 1,
    )
    rows = landed(path, source)
    clean = [[record[at] for at in places] for record in records[row + 1 :]]
    return REFUSED if rows is None else EXACT if rows == clean else WRONG


def _records(content: bytes) -> Rows | None:
    """The records of a text as Python's own modules read them; None for a workbook."""
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return list(csv.reader(io.StringIO(text, newline="")))


def _filled(rows: Rows) -> Rows:
    return [row for row in rows if any(row)]
