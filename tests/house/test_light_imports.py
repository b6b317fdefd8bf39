"""What a run process pays for at start: Dagster, never Great Expectations or pandas."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def modules_after(statement: str, tmp_path: Path) -> set[str]:
    code = f"{statement}\nimport sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "OPENDATA_HOME": str(tmp_path / "home"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_loading_the_definitions_imports_no_heavy_judge(tmp_path: Path) -> None:
    build = (
        "from pathlib import Path\n"
        "from datetime import date\n"
        "from pipelines.demo.generator import build_city\n"
        f"build_city(Path({str(tmp_path / 'home')!r}))\n"
        "import pipelines.definitions"
    )

    loaded = modules_after(build, tmp_path)

    assert "dagster" in loaded
    assert not loaded & {"great_expectations", "pandas", "scipy"}


def test_the_command_starts_without_dagster(tmp_path: Path) -> None:
    loaded = modules_after("import pipelines.cli", tmp_path)

    assert not loaded & {"dagster", "great_expectations", "pandas", "polars", "sqlglot"}
