"""The templates beside this file, filled: values in, one HTML document out."""

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from opendata.pages import words
from opendata.pages.verdict import CLEAN


def page_of(template: str, **values: Any) -> str:
    """The template of that name with these values; every text in them is escaped."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "words": words,
        "clean": CLEAN,
        "stylesheet": _text("page.css"),
    }
    return environment


def _text(name: str) -> str:
    return resources.files("opendata.pages").joinpath(name).read_text(encoding="utf-8")
