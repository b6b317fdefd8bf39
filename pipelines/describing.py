"""``docs/describing.md``: how a dataset is described, from what the code reads and accepts.

Only that page belongs here; writing it and comparing it is ``docs.py``. Keys, values and defaults
come from the schema, presets, rules and macros from where they are defined; a new one without a
word of explanation here fails when the page is made.
"""

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from textwrap import dedent
from typing import Any

from opendata.catalog_schema import PERSONAL_SEMANTICS, json_schema
from opendata.field_checks import TELLING_WORDS
from opendata.indicators import INDICATORS
from opendata.presets import GENERALISATIONS, MASKS
from opendata.settings import KNOWN_REGIMES, Connection, Platform, Pulling, Settings
from opendata.vocabulary import Action, DeploymentRole, OnInvalid, Semantic
from pipelines.new_home import SAMPLE, sample_entry
from quality.gx_types import GX_TYPES, GxType
from quality.plan import UNIQUE_TYPES
from quality.row_rules import ROW_TYPES
from quality.table_rules import TABLE_TYPES

_PLACES = {
    "opendata.yaml": "what the home decides once",
    "catalog/bodies.yaml": "`bodies: {market: 市市场监督管理局}`: ids and names (数据开放主体)",
    "catalog/elements.yaml": "数据元 and the one field each comes from (一数一源); may be absent",
    "catalog/<body>/<dataset>.yaml": "one entry a dataset",
    "catalog/<body>/<dataset>.sql": "beside it, only where standardising is not one row a record",
    "codes/<table>.csv": "a code table: the first line is `code,title`",
    "inbox/<body>/": "the files of that body, as `source.files` names them",
}
_SETTINGS = {
    "city": "the city's name, as pages show it",
    "regimes": "the regulations that apply; at least one",
    "deployment_role": "who runs this home",
    "platform": "where releases go",
    "region": "whose public holidays count: `cn`, or `cn-gx` for 广西",
    "timezone": "the zone of the city's days",
    "memory_limit": "what one step may use, in MB or GB",
    "threads": "what one step may use",
    "default_k": "最小同类组条数 where an entry gives no `release.k`; at least 2",
    "key": "where the master key lies: `file:<path>` (0600), `env:<NAME>` or `command:<line>` that "
    "prints it, never the key itself",
    "connections": "exchange databases (前置机) by name",
    "pulling": "what may be fetched over HTTP(S), and how much of it",
    "settle_seconds": "how long a dropped file must lie unchanged before it is taken",
    "received_term_days": "how long received bytes with columns nobody listed are kept under "
    "the sharing rules (XS16)",
    "register": "the register's database address; relative SQLite files lie in the home",
}
_PLATFORM = {
    "name": "its name",
    "unified": "whether it is the unified open platform (统一开放平台)",
    "filing": "备案, when it is another channel",
}
_CONNECTION = {
    "url": "dialect, user, host, port and database, such as `postgresql://reader@10.0.0.5/civil`; "
    "any SQLAlchemy dialect that is installed works",
    "secret": "where the password lies: `env:<NAME>` or `file:<path>` (0600)",
    "statement_timeout_seconds": "how long one statement may take",
    "tls": "`disable`, `require` or `verify-full`",
    "tls_ca": "certificates of the authority, for `verify-full`",
}
_PULLING = {
    "hosts": "hosts that may be asked, with a port where it is not the usual one",
    "private_hosts": "hosts that may be asked though they lie in a private range",
    "max_megabytes": "how much one delivery may weigh",
    "max_seconds": "how long fetching one delivery may take",
    "retries": "how often a failed request is tried again",
}
_SETTING_VALUES = {
    "tls": ("disable", "require", "verify-full"),
    "regimes": KNOWN_REGIMES,
    "deployment_role": tuple(each.code for each in DeploymentRole),
}
_ACTIONS = {
    Action.KEEP: "released as it stands; a personal semantic needs a `ground`",
    Action.DROP: "the field is not released",
    Action.MASK: "part of it is hidden, by `preset`; text only",
    Action.PSEUDONYM: "replaced by a keyed pseudonym; needs a `purpose`; text only",
    Action.GENERALISE: "made coarser, by `preset` or by `hierarchy` and `level`",
    Action.REDACT: "every value becomes `****`; whether there was one survives",
    Action.BIN: "the range a number lies in, by `edges`: `<0`, `[0,500)`, `>=500`",
    Action.ROUND: "the nearest multiple of `unit`, halves away from nought; numbers only",
    Action.CLAMP: "what lies beyond `bottom` or `top` is told as that bound; numbers and dates",
    Action.REDACT_SPANS: "identifiers inside the text give way to what they are; text only",
}
_ON_INVALID = {
    OnInvalid.REDACT: "the row is released with `****` or null in the value's place",
    OnInvalid.QUARANTINE: "the row is left out, counted and told by field; the default of 遮盖 and "
    "假名 where the field has a `semantic`",
    OnInvalid.FAIL: "nothing is released until the source is corrected",
}
_MACROS = {
    "text": "cleaned text, or null",
    "code": "cleaned text, half-width and upper-case: identifiers and codes",
    "integer": "a BIGINT, or null",
    "decimal": "a DECIMAL(18, scale), or null; further digits are rounded",
    "date": "a DATE, or null",
    "datetime": "a TIMESTAMP, or null",
    "bad_integer": "whether there is text and it is no integer: the column `_bad_<field>`",
    "bad_decimal": "the same for a decimal",
    "bad_date": "the same for a date",
    "bad_datetime": "the same for a datetime",
}
_HOLDERS = {
    "An entry": "",
    "`source`, and each of `sources`": "SourceFile",
    "`source.exchange`": "ExchangeFile",
    "`source.pull`": "PullFile",
    "`data_time`": "DataTimeFile",
    "Each of `fields`": "FieldFile",
    "`quality`": "QualityFile",
    "Each of `quality.rules`": "RuleFile",
    "`quality.drift`": "DriftFile",
    "`quality.drift.rows`": "RowSwingFile",
    "`quality.drift.nulls`": "NullRiseFile",
    "`quality.drift.keys`": "KeyChurnFile",
    "`quality.drift.categories`": "CategoryDriftFile",
    "`quality.drift.unchanged`": "DriftRuleFile",
    "`release`": "ReleaseFile",
    "`release.small_cell`": "SmallCellFile",
}
_WORDS = {
    "string": "text",
    "date": "day, such as `2026-01-05`",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true`, `false`",
    "object": "keys and values",
    str(["string", "number"]): "number or day",
}
_TYPES: Mapping[Any, str] = {
    str: "text",
    str | None: "text",
    int: "whole number",
    bool: "`true`, `false`",
    Platform: "keys and values",
    Pulling: "keys and values",
    tuple[str, ...]: "list of: text",
    tuple[Connection, ...]: "keys and values",
}

Part = list[str]


def describing() -> str:
    """How to describe a dataset: where files go, every key, presets, rules and SQL."""
    parts = [
        ["# Describing a dataset", "", "Made from the code by `make docs`."],
        ["## Where files go", "", *_table("in the home | what", _pairs(_PLACES))],
        ["All of them are UTF-8. `opendata check` lists every mistake with file and line."],
        ["## A whole entry", "", f"`opendata init` writes it as `{SAMPLE}`."],
        ["```yaml", sample_entry().rstrip("\n"), "```"],
        *_keys(),
        *_settings(),
        *_treatments(),
        *_rules(),
        *_models(),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _table(head: str, rows: Iterable[tuple[str, ...]]) -> Part:
    rule = "|".join("---" for _ in head.split("|"))
    return [f"| {head} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]


def _pairs(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((f"`{name}`", said) for name, said in given.items())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)


def _keys() -> Iterator[Part]:
    schema = json_schema()
    yield [
        "## Keys",
        "",
        "A key that is not listed here is a mistake. Text needs no quotes unless it looks like "
        "something else. `openness` and what else only the law asks for may be absent: then a "
        "gate refuses the dataset, and says what is missing.",
    ]
    for title, name in _HOLDERS.items():
        holder = schema["$defs"][name] if name else schema
        rows = (_key(each, given, holder, schema) for each, given in holder["properties"].items())
        yield [f"### {title}", "", *_table("key | value | default | meaning", rows)]


def _key(
    name: str, given: Mapping[str, Any], holder: Mapping[str, Any], schema: Mapping[str, Any]
) -> tuple[str, ...]:
    required = name in holder.get("required", ())
    shown = _default(given.get("default"), required=required)
    return f"`{name}`", _value(given, schema), shown, given["description"]


def _default(given: Any, *, required: bool) -> str:
    if required:
        return "**required**"
    said = given if isinstance(given, str) else json.dumps(given)
    return "" if given is None or given == [] else f"`{said}`"


def _value(given: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "anyOf" in given:
        return _value(given["anyOf"][0], schema)
    if "$ref" in given:
        return _value(schema["$defs"][given["$ref"].rsplit("/", 1)[1]], schema)
    if "enum" in given:
        return _listed(given["enum"])
    if given["type"] == "array":
        return f"list of: {_value(given['items'], schema)}"
    return _WORDS[str(given.get("format", given["type"]))] + _bounds(given)


def _bounds(given: Mapping[str, Any]) -> str:
    if "minimum" not in given:
        return ""
    end = f"to {given['maximum']}" if "maximum" in given else "or more"
    return f", {given['minimum']} {end}"


def _settings() -> Iterator[Part]:
    for title, kind, meanings in (
        ("## `opendata.yaml`", Settings, _SETTINGS),
        ("### `platform`", Platform, _PLATFORM),
        ("### Each of `connections`", Connection, _CONNECTION),
        ("### `pulling`", Pulling, _PULLING),
    ):
        named = (each for each in dataclasses.fields(kind) if each.name in meanings)
        rows = (_setting(each, meanings[each.name]) for each in named)
        yield [title, "", *_table("key | value | default | meaning", rows)]


def _setting(given: "dataclasses.Field[Any]", meaning: str) -> tuple[str, ...]:
    value = _listed(_SETTING_VALUES.get(given.name, ())) or _TYPES[given.type]
    optional = given.default_factory is not dataclasses.MISSING or given.default == ()
    missing = given.default is dataclasses.MISSING
    shown = "" if optional else _default(given.default, required=missing)
    return f"`{given.name}`", value, shown, meaning


def _treatments() -> Iterator[Part]:
    words = "、".join(TELLING_WORDS)
    personal = "、".join(each.value for each in Semantic if each in PERSONAL_SEMANTICS)
    yield [
        "## What is done to a field",
        "",
        f"A field must give an `action` when its `semantic` is one of {personal}, when its `role` "
        f"is not 一般属性, and, unless it gives a `semantic`, when its title contains {words}.",
        "",
        *_table("action | what it does", ((f"`{each.value}`", _ACTIONS[each]) for each in Action)),
    ]
    for action, presets in ((Action.MASK, MASKS), (Action.GENERALISE, GENERALISATIONS)):
        rows = ((f"`{each.name}`", each.reveals) for each in presets)
        yield [f"### Presets of {action.value}", "", *_table("preset | what survives", rows)]
    yield [
        "Of a value that is not what its preset expects, or fails the check digit of its "
        "`semantic`, nothing survives. Whether its row is released at all is `on_invalid`:",
        "",
        *_table("`on_invalid` | what happens", _pairs_of_invalid()),
    ]
    yield [
        "### Hierarchy files",
        "",
        "`codes/hierarchies/<name>.csv` has a line a value and no headings: the value, what it "
        "becomes at level 1, at level 2, …, and last `*`; commas, or semicolons as ARX writes "
        "them. What is one at a level stays one above it. A value that is not in the file becomes "
        "null, and is told in the report of what was lost.",
    ]


def _pairs_of_invalid() -> Iterator[tuple[str, str]]:
    for each in OnInvalid:
        yield f"`{each.value}`", _ON_INVALID[each]


def _rules() -> Iterator[Part]:
    yield [
        "## Rules",
        "",
        "Fields promise by themselves: their type, `required`, `key`, `code_table`, `pattern`, "
        "`minimum`, `maximum`, check digits of their `semantic`, plausible dates. Further rules "
        "stand under `quality.rules`; how they differ from Great Expectations is told in "
        "[gx-differences.md](gx-differences.md).",
    ]
    known = [(name, each.needs, each.allows) for name, each in ROW_TYPES.items()]
    known += [(name, *arguments) for name, arguments in UNIQUE_TYPES.items()]
    known += [(name, each.needs, each.allows) for name, each in TABLE_TYPES.items()]
    rows = ((f"`{name}`", *(_listed(sorted(each)) for each in sets)) for name, *sets in known)
    yield _table("`expect` | arguments | may also take", rows)
    yield [
        "### Rules that Great Expectations judges itself",
        "",
        "No SQL of ours says these. They count rows and set none aside (`on_fail` `keep_flag` or "
        "`block`). A dataset that has one costs some seven CPU seconds more a run, and the memory "
        "pandas needs for the columns asked about; the others cost nothing.",
    ]
    rows = (
        (f"`{name}`", *(_listed(sorted(names)) for names in (each.needs, each.allows)), _for(each))
        for name, each in GX_TYPES.items()
    )
    yield _table("`expect` | arguments | may also take | for fields of type", rows)
    yield ["### Indicators of GB/T 36344", "", *_table("code | name", _pairs(INDICATORS))]


def _for(type_: GxType) -> str:
    return _listed(sorted(each.value for each in type_.fields))


def _models() -> Iterator[Part]:
    folder = files("dbt_like_sql") / "macros"
    texts = [(folder / f"{each}.sql").read_text("utf-8") for each in ("text", "numbers", "dates")]
    arguments = dict(re.findall(r"macro (\w+)\((.*)\) -%}", "".join(texts)))
    rows = ((f"`{name}({arguments[name]})`", said) for name, said in _MACROS.items())
    heads = (re.findall(r"^{#-\n(.*?)^-#}", each, re.DOTALL | re.MULTILINE) for each in texts[1:])
    yield [
        "## SQL of your own",
        "",
        "Without a `.sql` the one source becomes the dataset, one row a record. With one, it is "
        "one DuckDB SELECT that reads `{{ source('main') }}` (a source of the entry: columns of "
        "text, and `_row`) and `{{ ref('other_dataset') }}` (the clean rows of another), and "
        "nothing else. Its last SELECT names every field of the entry and `_row`; a model that "
        "groups writes `row_number() over (…) as _row`. `_bad_<field>` may say that a value was "
        "there and is not of its type.",
    ]
    yield ["Macros take a column or an expression as quoted text: `{{ date('issued_on') }}`."]
    yield _table("macro | gives", rows)
    yield [
        "Spaces of every width and invisible characters around a value go; the empty text and "
        "the `null_spellings` of the sources become null. Beyond that they accept:",
    ]
    yield ["```text", "\n".join(dedent(each[0]) for each in heads).rstrip("\n"), "```"]
    others = sorted(arguments.keys() - _MACROS.keys())
    yield [f"They are made of {_listed(others)}."]
