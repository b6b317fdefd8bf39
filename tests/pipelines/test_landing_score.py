"""The score of landing: all or nothing for each file, and nothing guessed."""

import io
import json
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from opendata.source import Source
from pipelines.bench import landing_score
from pipelines.bench.landing_score import (
    ARCHIVES,
    DATA,
    Trial,
    contract_of,
    landed,
    landing_figures,
    ours,
    published,
    score,
)

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the public files are not on this machine ({DATA})"
)
PLAIN = {
    "encoding": "utf-8",
    "delimiter": ",",
    "quotechar": '"',
    "escapechar": '"',
    "header_lines": 1,
    "column_names": ["a", "b"],
}


def archive(folder: Path, **files: tuple[str, str, dict[str, Any]]) -> Path:
    """An archive as the benchmark packs it: of each file its text, clean text and parameters."""
    with tarfile.open(folder / "polluted_files.tar.xz", "w:xz") as packed:
        for name, (text, clean, changes) in files.items():
            parts = {
                f"csv/{name}": text,
                f"clean/{name}": clean,
                f"parameters/{name}_parameters.json": json.dumps(PLAIN | changes),
            }
            for part, content in parts.items():
                member = tarfile.TarInfo(f"polluted_files/{part}")
                member.size = len(content.encode())
                packed.addfile(member, io.BytesIO(content.encode()))
    return folder


def test_a_file_is_exact_refused_or_wrong_as_a_whole(tmp_path: Path) -> None:
    clean = 'a,b\n"1","2"\n'
    folder = archive(
        tmp_path,
        exact=("a,b\n1,2\n\n", clean, {}),
        ragged=("a,b\n1,2,3\n", clean, {}),
        empty=("", "", {"column_names": []}),
        differs=("a,b\n1,3\n", clean, {}),
        two_delimiters=("a::b\n1::2\n", clean, {"delimiter": "::"}),
        escaped=('a,b\n1,"\\"2"\n', clean, {"escapechar": "\\"}),
    )

    found = score(folder, "polluted_files", ours)

    assert found.verdicts == {
        "exact": "exact",
        "ragged": "refused",
        "empty": "refused",
        "differs": "wrong",
        "two_delimiters": "refused",
        "escaped": "refused",
    }
    assert found.told() == "1/4/1, 1.67"


def test_headings_over_several_lines_are_written_into_the_contract_as_ours_are_joined() -> None:
    trial = Trial(
        name="x",
        content=b"title,\ngroup,\na,b\n1,2\n",
        parameters=PLAIN | {"preamble_lines": 1, "header_lines": 2},
        clean=[],
    )

    contract = contract_of(trial)

    assert contract is not None
    assert (contract.header_row, contract.header_rows) == (3, 1)
    renamed = Trial(
        name="x",
        content=trial.content,
        clean=[],
        parameters={**trial.parameters, "column_names": []},
    )
    assert contract_of(renamed) == Source(
        id="trial",
        columns=(("c0", "group/a"), ("c1", "group/b")),
        files="trial",
        header_row=2,
        header_rows=2,
        encoding="utf-8",
    )


@needs_data
def test_nothing_of_the_benchmark_lands_wrongly_without_a_word() -> None:
    counted = {each: score(DATA / "pollock_csv", each, ours).told() for each in ARCHIVES}

    assert counted == {"polluted_files": "6/290/0, 0.20", "survey_sample": "23/13/0, 6.39"}


@needs_data
def test_every_published_text_lands_to_the_last_cell() -> None:
    assert set(published(DATA / "beijing_open").verdicts.values()) == {"exact"}


@needs_data
@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("企业用户用气缴费信息.csv", 1),
        ("北京市昌平区环境信息依法披露企业名单.csv", 1),
        ("政府采购项目采购合同信息表.csv", 3),
    ],
)
def test_every_published_workbook_lands_to_the_last_cell(name: str, row: int) -> None:
    path = DATA / "beijing_open" / name
    book = CalamineWorkbook.from_path(str(path))
    sheet = next(each for each in map(book.get_sheet_by_name, book.sheet_names) if each.height)
    records = [[*map(as_text, each)] for each in sheet.to_python(skip_empty_area=False)]
    places = [at for at, heading in enumerate(records[row - 1]) if heading.strip()]
    source = Source(
        id="x",
        columns=tuple((f"c{at}", records[row - 1][at]) for at in places),
        ignored_headings=("",),
        header_row=row,
    )

    assert landed(path, source) == [[each[at] for at in places] for each in records[row:]]


def as_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removesuffix(" 00:00:00" if isinstance(value, datetime) else "")


def test_nothing_is_measured_where_the_files_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing_score, "DATA", tmp_path / "absent")

    assert list(landing_figures(tmp_path)) == []
