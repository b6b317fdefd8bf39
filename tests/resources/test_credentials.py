import pickle
from pathlib import Path

import pytest

from opendata.errors import SourceError
from opendata.settings import Connection
from resources.credentials import password_of

SECRET = "k9-Zebra"
URL = "postgresql://reader@db.example/share"


def a_connection(secret: str | None = "file:keys/share", url: str = URL) -> Connection:
    return Connection(id="share", url=url, secret=secret)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "share"
    path.parent.mkdir()
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return path


def test_a_password_comes_from_a_file_of_the_home(tmp_path: Path, file: Path) -> None:
    password = password_of(a_connection(), home=tmp_path)

    assert file.exists()
    assert password is not None
    assert password.reveal() == SECRET


def test_a_password_comes_from_the_environment(tmp_path: Path) -> None:
    password = password_of(a_connection("env:SHARE"), home=tmp_path, environ={"SHARE": SECRET})

    assert password is not None
    assert password.reveal() == SECRET


def test_a_connection_may_have_no_password(tmp_path: Path) -> None:
    assert password_of(a_connection(None), home=tmp_path) is None


def test_a_password_is_never_printed_or_copied(tmp_path: Path) -> None:
    password = password_of(a_connection("env:SHARE"), home=tmp_path, environ={"SHARE": SECRET})

    assert (repr(password), str(password), f"{password}") == ("***", "***", "***")
    with pytest.raises(TypeError, match="is not copied out of its process"):
        pickle.dumps(password)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o700 | 0o010], ids=["group", "others", "execute"])
def test_a_password_file_open_to_others_is_refused(tmp_path: Path, file: Path, mode: int) -> None:
    file.chmod(mode)

    with pytest.raises(SourceError, match="chmod 600 it and own it") as told:
        password_of(a_connection(), home=tmp_path)

    assert "权限是否为 0600" in told.value.reason
    assert SECRET not in str(told.value)


def test_a_link_to_a_password_file_is_refused(tmp_path: Path, file: Path) -> None:
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SourceError, match="cannot be used"):
        password_of(a_connection(), home=tmp_path)


def test_a_folder_where_a_password_file_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys" / "share").mkdir(parents=True, mode=0o700)

    with pytest.raises(SourceError, match="cannot be used"):
        password_of(a_connection(), home=tmp_path)


def test_a_missing_or_empty_password_is_told(tmp_path: Path, file: Path) -> None:
    file.write_text("\n")

    with pytest.raises(SourceError, match="file:keys/share holds no password"):
        password_of(a_connection(), home=tmp_path)
    with pytest.raises(SourceError, match="env:SHARE holds no password"):
        password_of(a_connection("env:SHARE"), home=tmp_path, environ={})
    with pytest.raises(SourceError, match="No such file"):
        password_of(a_connection("file:keys/none"), home=tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://reader:{SECRET}@db.example/share",
        f"postgresql://reader@db.example/share?password={SECRET}",
        f"mysql://reader@db.example/share?PASSWD={SECRET}",
    ],
    ids=["userinfo", "parameter", "upper_case"],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(SourceError, match="its url holds a password") as told:
        password_of(a_connection(None, url), home=tmp_path)

    assert SECRET not in str(told.value) + told.value.reason
