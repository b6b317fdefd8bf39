"""``open-<release>.duckdb``: one view per published dataset, for analysts and for nothing else.

Derived entirely from a manifest and its versions, so it can always be made again. It holds no row
of data: the views read the Parquet files, hence taking a dataset's folder away takes the data away.

Paths in views are absolute and resolved when the file is built: DuckDB resolves relative ones
against the reader's working directory. A store that was moved is noticed by its ``root`` in
``_release`` and rebuilt by ``recover()``; analysts who copy the Parquet files elsewhere should
query the files themselves. The file is written in storage version v1.0.0, which every DuckDB since
1.0 opens. It is read-only (0444) because ``open.duckdb`` is a second name of the same file.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from opendata.errors import StoreError
from opendata.sql_text import literal, quoted
from resources.fsio import READ_ONLY, fsync
from resources.manifest import Column, Line, Listed, Manifest, Version

_TABLES = """
create table if not exists v._release (
    store varchar, release bigint, released_at varchar, root varchar
);
create table if not exists v._datasets (
    id varchar, title varchar, body varchar, theme varchar, openness varchar, licence varchar,
    version bigint, rows bigint, data_time varchar, published_at varchar, sha256 varchar,
    downloadable boolean
);
comment on table v._release is '本库对应的发布批次';
comment on table v._datasets is '开放目录：一行一个数据集；不可下载的须申请';
"""


def write_views(
    target: Path,
    manifest: Manifest,
    *,
    root: Path,
    changed: Collection[Version],
    gone: Collection[str] = (),
) -> None:
    """Write the views of a release into ``target``: ``changed`` are made anew, ``gone`` dropped.

    Where ``target`` is a copy of the views of the release before, the cost does not depend on how
    many datasets there are; where it does not exist, ``changed`` is every dataset.

    Raises:
        StoreError: a published file cannot be read, or the views cannot be written.
    """
    with _attached(target) as con:
        _run(con, _TABLES)
        for name in gone:
            _run(con, f"drop view if exists v.{quoted(name)}")
        for version in changed:
            _run(con, _view(version, root=root))
        _tell_release(con, manifest, root=root)
        _list_datasets(con, manifest, anew={*gone, *(each.dataset_id for each in changed)})
    target.chmod(READ_ONLY)
    fsync(target)


def release_in(views: Path) -> tuple[int, str] | None:
    """The release and root a views file was built for; None when it is not a whole one."""
    if not views.exists():
        return None
    try:
        with closing(duckdb.connect()) as con:
            con.execute(f"attach {literal(str(views))} as v (read_only)").fetchall()
            row = con.execute("select release, root from v._release").fetchone()
    except duckdb.Error:
        return None
    return (row[0], row[1]) if row else None


def read_schemas(files: Sequence[Path]) -> tuple[tuple[int, tuple[tuple[str, str], ...]], ...]:
    """Rows and (column, type) pairs of each Parquet file, in the order given, from the footers.

    Raises:
        StoreError: one of them is not a Parquet file.
    """
    paths = [str(each) for each in files]
    try:
        with closing(duckdb.connect()) as con:
            rows = dict(con.execute(_ROWS, [paths]).fetchall())
            found = con.execute(_COLUMNS, [paths]).fetchall()
    except duckdb.Error:
        raise StoreError(
            f"a staged file is not readable Parquet; staged were {', '.join(paths)}"
        ) from None
    columns: dict[str, list[tuple[str, str]]] = {each: [] for each in paths}
    for path, name, kind in found:
        columns[path].append((name, kind))
    return tuple((rows[each], tuple(columns[each])) for each in paths)


_ROWS = "select file_name, num_rows from parquet_file_metadata(?)"
_COLUMNS = """
select file_name, name, duckdb_type from parquet_schema(?)
where duckdb_type is not null order by file_name, column_id
"""


@contextmanager
def _attached(target: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        with closing(duckdb.connect()) as con:
            _run(con, "set threads = 1")
            _run(con, f"attach {literal(str(target))} as v (storage_version 'v1.0.0')")
            _run(con, "begin")
            yield con
            _run(con, "commit")
            _run(con, "checkpoint v")
            _run(con, "detach v")
    except duckdb.Error:
        raise StoreError(
            f"the views of {target.name} could not be built; a published file is missing or "
            "damaged, or the disk is full"
        ) from None


def _run(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    con.execute(sql).fetchall()


def _view(version: Version, *, root: Path) -> str:
    """SQL for one view with its Chinese titles; plain enough for DuckDB 1.0."""
    file = root / "datasets" / version.dataset_id / version.file
    view = f"v.{quoted(version.dataset_id)}"
    about = f"{version.title}：{version.summary}" if version.summary else version.title
    return ";\n".join(
        [
            f"create or replace view {view} as select * from read_parquet({literal(str(file))})",
            f"comment on view {view} is {literal(about)}",
            *(_comment(view, each) for each in version.columns),
        ]
    )


def _comment(view: str, column: Column) -> str:
    return f"comment on column {view}.{quoted(column.name)} is {literal(column.title)}"


def _tell_release(con: duckdb.DuckDBPyConnection, manifest: Manifest, *, root: Path) -> None:
    told = [manifest.store, manifest.release, manifest.released_at, str(root)]
    _run(con, "delete from v._release")
    con.execute("insert into v._release values (?, ?, ?, ?)", told).fetchall()


def _list_datasets(
    con: duckdb.DuckDBPyConnection, manifest: Manifest, *, anew: Collection[str]
) -> None:
    """Bring ``_datasets`` up to the manifest: the rows of ``anew``, and every listing."""
    ids = list(anew)
    con.execute("delete from v._datasets where not downloadable or id in ?", [ids]).fetchall()
    rows = [_published(key, manifest.datasets[key]) for key in ids if key in manifest.datasets]
    rows += [_applied_for(key, listed) for key, listed in manifest.listed.items()]
    if rows:
        columns = [list(each) for each in zip(*rows, strict=True)]
        slots = ", ".join("unnest(?)" for _ in columns)
        con.execute(f"insert into v._datasets select {slots}", columns).fetchall()


def _published(key: str, line: Line) -> tuple[object, ...]:
    about = (key, line.title, line.body, line.theme, line.openness, line.licence)
    return (*about, line.version, line.rows, line.data_time, line.published_at, line.sha256, True)


def _applied_for(key: str, line: Listed) -> tuple[object, ...]:
    about = (key, line.title, line.body, line.theme, line.openness, None)
    return (*about, None, None, None, None, None, False)
