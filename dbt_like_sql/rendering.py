"""Jinja in, SQL out: templates, macros and the names a model may use.

Add a macro in ``macros/*.sql``, never as a Python string. What a rendered model may read and must
yield is judged in ``written.py``; this module only notes what ``ref()`` and ``source()`` were
given.
"""

import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial

from jinja2 import PackageLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from opendata.catalog import Dataset, Field
from opendata.source import Source
from opendata.sql_text import literal, quoted
from opendata.vocabulary import FieldType, Semantic

CODES = frozenset(
    {
        Semantic.CITIZEN_ID,
        Semantic.USCC,
        Semantic.MOBILE,
        Semantic.LANDLINE,
        Semantic.BANK_CARD,
        Semantic.PLATE,
        Semantic.PASSPORT,
        Semantic.TRAVEL_PERMIT,
        Semantic.FOREIGN_RESIDENT_ID,
        Semantic.SOCIAL_SECURITY,
        Semantic.SOLE_TRADER_CODE,
        Semantic.DIVISION,
    }
)
"""Meanings whose values are codes: folded to half-width and upper-cased, never made numbers."""

_LIBRARIES = ("text.sql", "numbers.sql", "dates.sql")
_PLAIN_NAME = re.compile(r'[\w".]+')
_TEMPLATE = "<template>"  # what Jinja calls a template that has no file

Macro = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A model as SQL, with every ``ref()`` and ``source()`` it called, in order of appearance.

    ``relations`` are the SQL names those calls gave it.
    """

    sql: str
    relations: frozenset[str]
    refs: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unrendered:
    """Why a template is not SQL: the line of the ``.sql`` file and a sentence."""

    line: int
    message: str


@dataclass(slots=True)
class _Calls:
    """The names a template asked for while it was rendered."""

    relations: dict[str, str] = field(default_factory=dict)

    def noting(self, relation_of: Callable[[str], str], name: str) -> str:
        self.relations[name] = relation_of(name)
        return quoted(self.relations[name])


def render_contract(dataset: Dataset, source: Source, relation: str) -> str:
    """The model of a dataset without SQL of its own: cleaned, typed and flagged by contract."""
    macros = _macros(null_spellings(source))
    return (
        _environment()
        .get_template("contract.sql")
        .render(
            dataset=dataset,
            source=source,
            relation=relation,
            casts=casts_of(dataset),
            value=partial(_value, macros),
            given=lambda name: macros["clean_figure"](quoted(name)),
        )
    )


def render_written(
    dataset: Dataset, *, source: Callable[[str], str], ref: Callable[[str], str]
) -> Rendered | Unrendered:
    """The dataset's own SQL with its macros expanded; ``source`` and ``ref`` name the relations.

    Every macro comes out on the line it was written on, so that positions in the SQL are positions
    in the file.
    """
    sources, refs = _Calls(), _Calls()
    spellings = tuple(
        dict.fromkeys(each for one in dataset.sources for each in null_spellings(one))
    )
    names: dict[str, object] = {
        **{name: partial(_on_one_line, macro) for name, macro in _macros(spellings).items()},
        "source": partial(sources.noting, source),
        "ref": partial(refs.noting, ref),
    }
    try:
        sql = _environment().from_string(dataset.model or "").render(names)
    except TemplateSyntaxError as error:
        return Unrendered(error.lineno, f"{error.message}.")
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        return Unrendered(_line_of(error), f"{error}.")
    return Rendered(
        sql=sql,
        relations=frozenset([*sources.relations.values(), *refs.relations.values()]),
        refs=tuple(refs.relations),
        sources=tuple(sources.relations),
    )


def wrap_written(dataset: Dataset, body: str, flags: frozenset[str]) -> str:
    """A hand-written SELECT in catalog order and with the catalog's types."""
    template = _environment().get_template("written.sql")
    return template.render(
        dataset=dataset, body=body, casts=casts_of(dataset), flags=flags, sql_type=sql_type
    )


def casts_of(dataset: Dataset) -> tuple[Field, ...]:
    """The fields whose text may fail to be what the entry says it is."""
    return tuple(each for each in dataset.fields if each.type is not FieldType.TEXT)


def sql_type(given: Field) -> str:
    """The DuckDB type of a standardised field."""
    types = {
        FieldType.TEXT: "varchar",
        FieldType.INTEGER: "bigint",
        FieldType.DECIMAL: f"decimal(18, {given.scale})",
        FieldType.DATE: "date",
        FieldType.DATETIME: "timestamp",
    }
    return types[given.type]


def null_spellings(source: Source) -> tuple[str, ...]:
    """What stands for nothing in a source: the empty text and whatever its entry lists."""
    return tuple(dict.fromkeys(("", *source.null_spellings)))


def _value(macros: Mapping[str, Macro], given: Field) -> str:
    column = quoted(given.name)
    if given.type is FieldType.TEXT:
        return macros["clean_code" if given.semantic in CODES else "clean_text"](column)
    if given.type is FieldType.DECIMAL:
        return macros["decimal"](column, given.scale)
    if given.type is FieldType.INTEGER:
        return macros["integer"](column)
    return macros[given.type.code](column, given.date_formats)


def _macros(spellings: tuple[str, ...]) -> dict[str, Macro]:
    nulls = ", ".join(map(literal, spellings))
    return {
        name: partial(_expand, macro)
        for library in _LIBRARIES
        for name, macro in vars(_library(library, nulls)).items()
        if callable(macro)
    }


@cache
def _library(name: str, nulls: str) -> object:
    return _environment().get_template(name).make_module({"nulls": nulls})


def _expand(macro: Macro, column: str, *arguments: object, **named: object) -> str:
    operand = column if _PLAIN_NAME.fullmatch(column) else f"({column})"
    return macro(operand, *arguments, **named)


def _on_one_line(macro: Macro, *arguments: object, **named: object) -> str:
    return re.sub(r"\s*\n\s*", " ", macro(*arguments, **named))


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=PackageLoader("dbt_like_sql", "macros"),
        undefined=StrictUndefined,
        keep_trailing_newline=False,
    )
    environment.filters["literal"] = literal
    return environment


def _line_of(error: Exception) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    return next((each.lineno or 1 for each in frames if each.filename == _TEMPLATE), 1)
