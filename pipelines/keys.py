"""``opendata keys``: the versions of the master key, and which of them made what is open.

What is shown are public fingerprints; key material stays in ``resources/vault.py``.
"""

import getpass
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import HomeError
from opendata.record import Event, Kind
from opendata.vocabulary import Action
from resources.fsio import sha256_of_file
from resources.home import Home
from resources.vault import KeyProvider, create_master_key

_NOTE = (
    "算法为 HMAC-SM3（GB/T 32905），由 cryptography 库实现，该库不是经认证的商用密码产品；"
    "须用认证产品的，以 key: command:… 接入密码机或密钥服务。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTold:
    """A master key made or renewed: its version in use and that version's fingerprint."""

    act: str
    version: int
    key_id: str
    due: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "act": self.act,
            "version": self.version,
            "key_id": self.key_id,
            "due": list(self.due),
        }

    def as_text(self) -> str:
        """In Chinese."""
        told = (
            f"{self.act}：在用第{self.version}版，密钥标识 {self.key_id}。请另行安全备份密钥文件。"
        )
        if not self.due:
            return told
        return f"{told}\n下次运行将以新密钥重新生成假名：{'、'.join(self.due)}。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One purpose of one dataset: the key in use, and the version that made what is open now.

    ``released`` is False where nothing with pseudonyms was released yet; ``made_by`` None where no
    version that is here made it.
    """

    dataset_id: str
    title: str
    purpose: str
    key_id: str
    released: bool
    made_by: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysChecked:
    """Every version by fingerprint, and every purpose."""

    place: str
    versions: tuple[tuple[int, str], ...]
    purposes: tuple[Named, ...]

    @property
    def explained(self) -> bool:
        """Whether every pseudonym that was released last comes from a version that is here."""
        return all(each.made_by or not each.released for each in self.purposes)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "place": self.place,
            "versions": [{"version": number, "key_id": each} for number, each in self.versions],
            "purposes": [
                {name: getattr(each, name) for name in Named.__slots__} for each in self.purposes
            ],
            "explained": self.explained,
            "note": _NOTE,
        }

    def as_text(self) -> str:
        """In Chinese."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        *before, (version, key_id) = self.versions
        yield f"主密钥（{self.place}）：在用第{version}版，密钥标识 {key_id}"
        yield from (f"  保留以备说明：第{number}版，密钥标识 {each}" for number, each in before)
        for each in self.purposes:
            yield f"{each.title}（{each.dataset_id}）用途“{each.purpose}”：{self._stand(each)}"
        if not self.purposes:
            yield "目录中没有以假名开放的信息项。"
        yield _NOTE

    def _stand(self, named: Named) -> str:
        if not named.released:
            return f"尚未开放；将用密钥标识 {named.key_id}"
        if named.made_by is None:
            return "已开放的假名不是由现有任何一版密钥生成，无法说明；请找回当时的密钥文件"
        if named.made_by != self.versions[-1][0]:
            return f"已开放的假名由第{named.made_by}版生成；下次运行以新密钥重新生成"
        return f"已开放的假名由在用密钥生成（密钥标识 {named.key_id}）"


def create_key(home_dir: Path | None) -> KeyTold:
    """Make the key file that the home's settings name.

    Raises:
        HomeError: there is one, or the key does not lie in a file.
    """
    home = Home.find(home_dir).prepare()
    kind, _, place = home.key_location().partition(":")
    if kind != "file":
        raise HomeError(
            f"key: {home.settings.key} is no file; make the key where it lies, as 64 hexadecimal "
            "digits (`openssl rand -hex 32`)"
        )
    create_master_key(Path(place))
    provider = KeyProvider(home.key_location())
    return KeyTold(act="已建立主密钥", version=provider.version, key_id=provider.key_id)


def rotate_key(home_dir: Path | None, *, reason: str, evidence: Path | None) -> KeyTold:
    """Add a version to the key file, and enter that in the processing record first.

    Raises:
        KeyMissing, HomeError: there is no key to renew, or it does not lie in a file.
        RecordUnwritable: nothing was changed.
    """
    home = Home.find(home_dir).prepare()
    provider = KeyProvider(home.key_location())
    with closing(Workshop.open(home, actor=getpass.getuser())) as workshop, home.working():
        before = provider.key_ids
        if not home.key_location().startswith("file:"):
            provider.rotate()  # tells where a new version is to be added
        detail = {
            "key": {"renewed_from_version": max(before), "key_id": before[max(before)]},
            "reason": reason,
            "evidence": sha256_of_file(evidence) if evidence else None,
        }
        workshop.record(Event(kind=Kind.SETTINGS, detail=detail))
        version = provider.rotate()
        due = tuple(each.title for each, _ in _purposes(workshop))
    told = tuple(dict.fromkeys(due))
    return KeyTold(act="已更换主密钥", version=version, key_id=provider.key_id, due=told)


def check_keys(home_dir: Path | None) -> KeysChecked:
    """Look over the master key and every purpose of the catalog.

    Raises:
        KeyMissing, HomeError: there is no key, it is not private, or it is no key.
    """
    home = Home.find(home_dir)
    provider = KeyProvider(home.key_location())
    versions = tuple(provider.key_ids.items())
    with closing(Workshop.open(home)) as workshop:
        recorded = _recorded(workshop)
        purposes = tuple(
            _named(provider, dataset, purpose, recorded.get(dataset.id, frozenset()), versions)
            for dataset, purpose in _purposes(workshop)
        )
    return KeysChecked(place=home.settings.key, versions=versions, purposes=purposes)


def _named(
    provider: KeyProvider,
    dataset: Dataset,
    purpose: str,
    used: frozenset[str],
    versions: tuple[tuple[int, str], ...],
) -> Named:
    ids = {
        version: provider.purpose_key(dataset.body, purpose, version=version).key_id
        for version, _ in versions
    }
    return Named(
        dataset_id=dataset.id,
        title=dataset.title,
        purpose=purpose,
        key_id=ids[versions[-1][0]],
        released=bool(used),
        made_by=next((each for each in reversed(ids) if ids[each] in used), None),
    )


def _purposes(workshop: Workshop) -> Iterator[tuple[Dataset, str]]:
    for dataset in workshop.catalog.datasets:
        purposes = (
            each.treatment.purpose or dataset.id
            for each in dataset.fields
            if each.treatment.action is Action.PSEUDONYM
        )
        yield from ((dataset, each) for each in dict.fromkeys(purposes))


def _recorded(workshop: Workshop) -> dict[str, frozenset[str]]:
    """The fingerprints of the keys that made each dataset's last release, by the record."""
    found: dict[str, frozenset[str]] = {}
    for entry in workshop.book.entries():
        event = entry.event
        if event.kind is Kind.DESENSITISED and event.dataset_id:
            used = event.detail.get("key_ids")
            found[event.dataset_id] = frozenset(map(str, used if isinstance(used, list) else ()))
    return found
