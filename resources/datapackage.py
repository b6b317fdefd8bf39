"""A published version as a Data Package (version 2): what a portal or an analyst's tool reads.

Pure: a version in, JSON out. Other catalogue formats (DCAT) are exports of the manifest and do not
belong here.
"""

import json
import re
from typing import Any

from resources.manifest import Column, Version

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_UNDECLARED = "未声明"
_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "DECIMAL": "number",
    "DOUBLE": "number",
    "DATE": "date",
    "TIMESTAMP": "datetime",
    "BOOLEAN": "boolean",
}


def datapackage_bytes(version: Version) -> bytes:
    """The ``datapackage.json`` of one version.

    Its resource points at the immutable file, not at the friendly name beside it, so that path and
    hash can never disagree. Properties that have nothing to say are left out.
    """
    said = {key: value for key, value in _package(version).items() if value not in (None, [], "")}
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def _package(version: Version) -> dict[str, Any]:
    return {
        "$schema": _PROFILE,
        "name": version.dataset_id,
        "title": version.title,
        "description": version.summary,
        "version": str(version.version),
        "created": version.published_at,
        "keywords": [version.theme] if version.theme else [],
        "contributors": [{"title": version.publisher, "roles": ["publisher"]}],
        "licenses": _licences(version.licence),
        "data_time": version.data_time,
        "resources": [_resource(version)],
    }


def _resource(version: Version) -> dict[str, Any]:
    return {
        "name": version.dataset_id,
        "type": "table",
        "path": version.file,
        "title": version.title,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": version.bytes,
        "hash": f"sha256:{version.sha256}",
        "schema": {"fields": [_field(each) for each in version.columns]},
    }


def _field(column: Column) -> dict[str, str]:
    base = column.type.partition("(")[0]
    return {"name": column.name, "title": column.title, "type": _TYPES.get(base, "any")}


def _licences(licence: str) -> list[dict[str, str]]:
    """A licence needs an ASCII name in the format; a Chinese one becomes the title of ``other``."""
    if licence == _UNDECLARED:
        return []
    if re.fullmatch(r"[-A-Za-z0-9._]+", licence):
        return [{"name": licence}]
    return [{"name": "other", "title": licence}]
