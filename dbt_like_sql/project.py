"""The SQL project of a catalog: one model a dataset, compiled, checked and traced.

A dataset with a ``.sql`` beside its entry is compiled from that; any other is written from the
contract. Nothing here runs SQL: whoever holds a connection registers the relations that
``source_relation`` and ``ref_relation`` name, and executes ``Model.sql``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dbt_like_sql.rendering import casts_of, render_contract
from opendata.catalog import Catalog, Dataset
from opendata.errors import ModelError, Problem
from opendata.lineage import ColumnEdge, Lineage


def source_relation(dataset_id: str, source_id: str) -> str:
    """The name under which a landed source is registered: text columns and ``_row``."""
    return f"source_{dataset_id}_{source_id}"


def ref_relation(dataset_id: str) -> str:
    """The name under which a dataset's clean standardised rows are registered."""
    return f"standardised_{dataset_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One SELECT over landed and standardised relations.

    It yields ``columns``: the dataset's fields in catalog order, ``_row``, and for each field in
    ``casts`` a BOOLEAN ``_bad_<field>`` (there was text, and it is not of the field's type).
    ``sources`` and ``reads`` are the source ids and dataset ids it reads.
    """

    dataset_id: str
    sql: str
    columns: tuple[str, ...]
    casts: tuple[str, ...]
    sources: tuple[str, ...]
    reads: tuple[str, ...]
    lineage: Lineage


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Every model of a catalog. Models written from a contract are compiled when asked for."""

    catalog: Catalog
    written: Mapping[str, Model]
    _derived: dict[str, Model] = field(default_factory=dict, repr=False, compare=False)

    def model(self, dataset_id: str) -> Model:
        """The model of a dataset.

        Raises:
            UnknownDataset: no entry has that id.
            ModelError: the dataset is only listed: it has neither a source nor SQL.
        """
        if dataset_id in self.written:
            return self.written[dataset_id]
        if dataset_id not in self._derived:
            self._derived[dataset_id] = _from_contract(self.catalog.dataset(dataset_id))
        return self._derived[dataset_id]


def compile_project(catalog: Catalog) -> Project:
    """Compile and check every model that somebody wrote, and check that the rest can be derived.

    Raises:
        ModelError: some model is not what its entry declares; the message lists every problem.
    """
    written: dict[str, Model] = {}
    problems: list[Problem] = []
    for dataset in catalog.in_reading_order:
        if dataset.model is None:
            problems += _underivable(dataset)
            continue
        compiled = _compile_written(dataset, catalog)
        if isinstance(compiled, Model):
            written[dataset.id] = compiled
        else:
            problems += compiled
    if problems:
        lines = "\n".join(f"  {each}" for each in problems)
        raise ModelError(f"the SQL project has {len(problems)} problem(s):\n{lines}")
    return Project(catalog=catalog, written=written)


def output_columns(dataset: Dataset) -> tuple[str, ...]:
    """What a model of this dataset yields, in order."""
    flags = tuple(f"_bad_{each.name}" for each in casts_of(dataset))
    return (*(each.name for each in dataset.fields), "_row", *flags)


def _compile_written(dataset: Dataset, catalog: Catalog) -> Model | list[Problem]:
    from dbt_like_sql.written import compile_written  # sqlglot: only homes with SQL pay for it

    read = compile_written(
        dataset, catalog, source_relation=source_relation, ref_relation=ref_relation
    )
    if isinstance(read, list):
        return read
    return Model(
        dataset_id=dataset.id,
        sql=read.sql,
        columns=output_columns(dataset),
        casts=tuple(each.name for each in casts_of(dataset)),
        sources=read.sources,
        reads=read.reads,
        lineage=read.lineage,
    )


def _from_contract(dataset: Dataset) -> Model:
    if not dataset.sources:
        raise ModelError(
            f"{dataset.id} has neither a source nor SQL, so there is nothing to standardise; "
            "give its entry a source or leave it out of the run."
        )
    source = dataset.sources[0]
    edges = (
        ColumnEdge(column=each.name, upstream=f"source:{source.id}", upstream_column=each.name)
        for each in dataset.fields
    )
    return Model(
        dataset_id=dataset.id,
        sql=render_contract(dataset, source, source_relation(dataset.id, source.id)),
        columns=output_columns(dataset),
        casts=tuple(each.name for each in casts_of(dataset)),
        sources=(source.id,),
        reads=(),
        lineage=Lineage.from_edges(edges),
    )


def _underivable(dataset: Dataset) -> Iterator[Problem]:
    where = f"catalog/{dataset.body}/{dataset.id}.yaml"
    if len(dataset.sources) > 1:
        names = ", ".join(each.id for each in dataset.sources)
        yield Problem(where, f"several sources ({names}) need SQL that joins them; write a .sql.")
    elif dataset.sources:
        landed = {name for name, _ in dataset.sources[0].columns}
        for each in dataset.fields:
            if each.name not in landed:
                yield Problem(where, f"field {each.name!r} has no column in its source.")
    if dataset.reads:
        yield Problem(where, "it declares reads but has no SQL that reads them.")
