"""Real Data Docs from our validation results, which load nothing from outside."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from quality.gx.registered import class_name, is_registered, register

_LOADED_FROM_OUTSIDE = re.compile(
    r"<(?:link|img|script|iframe|source)\b[^>]*https?://[^>]*>(?:\s*</(?:script|iframe)>)?"
    r"|@import[^;]*https?://[^;]*;"
)
_PICTURED_FROM_OUTSIDE = re.compile(r"url\(\s*['\"]?(?:https?:)?//[^)]*\)")


def build_data_docs(results: Sequence[str], folder: Path) -> Path:
    """Real Data Docs under ``folder`` from validation results of ``results_json``; the index page.

    Pages load nothing from outside; without network they keep their content and lose the styling.

    Raises:
        RuntimeError: Great Expectations did not render every result.
    """
    import great_expectations as gx
    from great_expectations.core.expectation_validation_result import (
        expectationSuiteValidationResultSchema,
    )

    register()
    folder.mkdir(parents=True, exist_ok=True)
    context = gx.get_context(mode="file", project_root_dir=str(folder))
    for text in results:
        written = json.loads(text)
        for each in written["results"]:
            _register_told(each["expectation_config"])
        result = expectationSuiteValidationResultSchema.load(written)
        context.validation_results_store.set(_key(written), result)
    context.build_data_docs()
    _list_pages(folder, len(results))
    for each in (*folder.rglob("*.html"), *folder.rglob("*.css")):
        text = _LOADED_FROM_OUTSIDE.sub("", each.read_text(encoding="utf-8"))
        each.write_text(_PICTURED_FROM_OUTSIDE.sub("none", text), encoding="utf-8")
    return next(iter(sorted(folder.rglob("index.html"))))


def _register_told(configuration: Any) -> None:
    """Let a type be shown that is only ever told in results, such as punctuality."""
    from great_expectations.expectations.expectation import BatchExpectation

    name = configuration["type"]
    if is_registered(name):
        return
    arguments = [each for each in configuration["kwargs"] if each != "mostly"]
    members = {
        "__module__": __name__,
        "__doc__": "Judged by other things than the rows of the table.",
        "__annotations__": dict.fromkeys(arguments, Any),
        "success_keys": tuple(arguments),
        "_validate": _never_validated,
    }
    type(class_name(name), (BatchExpectation,), members)


def _never_validated(_self: Any, *_args: Any, **_kwargs: Any) -> Any:
    raise NotImplementedError("this rule is judged by other things than a batch of data")


def _list_pages(folder: Path, results: int) -> None:
    """Link every result from the index: its own table is drawn by scripts from outside.

    Great Expectations only logs what it cannot render, so pages are counted.
    """
    (index,) = folder.rglob("index.html")
    pages = sorted(index.parent.glob("validations/**/*.html"))
    if len(pages) != results:
        raise RuntimeError(f"Great Expectations rendered {len(pages)} of {results} results")
    links = "".join(
        f'<li><a href="{each.relative_to(index.parent).as_posix()}">{each.stem}</a></li>'
        for each in pages
    )
    html = index.read_text(encoding="utf-8")
    nav = f'<nav aria-label="Validation results"><ol>{links}</ol></nav>'
    index.write_text(re.sub(r"(<body\b[^>]*>)", rf"\1{nav}", html, count=1), encoding="utf-8")


def _key(written: Any) -> Any:
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    run = written["meta"]["run_id"]
    return ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(written["suite_name"]),
        run_id=RunIdentifier(
            run_name=run["run_name"], run_time=datetime.fromisoformat(run["run_time"])
        ),
        batch_identifier=written["suite_name"],
    )
