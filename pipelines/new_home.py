"""``opendata init``: a working home in a new folder, with nothing assumed that law depends on."""

from importlib.resources import files
from pathlib import Path

import yaml

from opendata.errors import HomeError
from opendata.settings import parse_settings
from resources.home import SETTINGS_FILE, Home
from resources.vault import create_master_key

SAMPLE = "catalog/example/example_dataset.yaml.sample"


def create_home(
    folder: Path, *, city: str, role: str, regimes: tuple[str, ...], platform: str
) -> Home:
    """Write ``opendata.yaml``, every folder, a 0600 master key, the editors' schema and a sample.

    Raises:
        HomeError: the folder is a home already, or a setting is not valid; nothing is written.
    """
    settings = folder / SETTINGS_FILE
    if settings.exists():
        raise HomeError(f"{folder} is a home already; edit {settings} or choose another folder")
    text = yaml.safe_dump(
        {
            "city": city,
            "regimes": list(regimes),
            "deployment_role": role,
            "platform": {"name": platform, "unified": True},
        },
        allow_unicode=True,
        sort_keys=False,
    )
    parse_settings(text, where=str(settings))
    folder.mkdir(parents=True, exist_ok=True)
    settings.write_text(text, encoding="utf-8")
    home = Home.find(folder).prepare()
    create_master_key(home.restricted / "keys" / "master.key")
    (home.root / "catalog" / "bodies.yaml").write_text("bodies: {}\n", encoding="utf-8")
    schema = files("opendata").joinpath("catalog.schema.json").read_text(encoding="utf-8")
    (home.root / "catalog.schema.json").write_text(schema, encoding="utf-8")
    (home.root / SAMPLE).parent.mkdir(exist_ok=True)
    (home.root / SAMPLE).write_text(sample_entry(), encoding="utf-8")
    return home


def sample_entry() -> str:
    """A whole catalog entry with comments; ``SAMPLE``'s ending keeps it out of the catalog."""
    return files("pipelines").joinpath("sample_entry.yaml").read_text(encoding="utf-8")
