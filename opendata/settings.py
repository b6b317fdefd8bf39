"""``opendata.yaml``: what a home decides once — regimes, role, limits, keys, where it releases to.

Text in, a frozen value out. Finding the file and the folders around it is ``resources/home.py``.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from opendata.errors import HomeError
from opendata.plain import fingerprint_of
from opendata.vocabulary import DeploymentRole

KNOWN_REGIMES = (
    "xian-open-2022",
    "chongqing-open",
    "xian-share-2018",
    "guangxi-open",
    "guangzhou-open-2022",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Where releases go: the unified platform, or another channel with its filing (REL-01)."""

    name: str
    unified: bool = True
    filing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An exchange database (前置机). ``url`` holds no password: ``secret`` says where it lies.

    ``secret`` is ``env:<NAME>`` or ``file:<path>`` (0600); ``tls`` is the mode ``disable``,
    ``require`` or ``verify-full``, the last with the authority's certificates in ``tls_ca``.
    """

    id: str
    url: str
    secret: str | None = None
    statement_timeout_seconds: int = 300
    tls: str = "require"
    tls_ca: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulling:
    """What may be fetched over HTTP(S): from these hosts only, no more and no longer than this.

    A host is written ``data.example.gov.cn`` or with its port; ``private`` hosts may resolve to
    private or loopback addresses, others never.
    """

    hosts: tuple[str, ...] = ()
    private_hosts: tuple[str, ...] = ()
    max_megabytes: int = 2048
    max_seconds: int = 3600
    retries: int = 4


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A home's decisions. ``key`` names where the master key lies, never the key itself.

    ``settle_seconds`` is how long a dropped file must lie unchanged before it is taken;
    ``received_term_days`` how long received bytes with unlisted columns are kept where the
    regulations bar keeping them (XS16); ``extend_over_days_off`` whether an update that falls due
    on a day off may come on the next working day (期限届满日为休息日则顺延).
    """

    city: str
    regimes: tuple[str, ...]
    deployment_role: DeploymentRole
    platform: Platform
    region: str = "cn"
    timezone: str = "Asia/Shanghai"
    memory_limit: str = "700MB"
    threads: int = 2
    default_k: int = 5
    key: str = "file:restricted/keys/master.key"
    register: str = "sqlite:///register.sqlite"
    connections: tuple[Connection, ...] = ()
    pulling: Pulling = field(default_factory=Pulling)
    settle_seconds: int = 30
    received_term_days: int = 30
    extend_over_days_off: bool = False

    def connection(self, name: str) -> Connection:
        """The exchange database of this name.

        Raises:
            HomeError: ``opendata.yaml`` has none of that name.
        """
        found = next((each for each in self.connections if each.id == name), None)
        if found is None:
            known = ", ".join(each.id for each in self.connections) or "none"
            raise HomeError(
                f"opendata.yaml has no connection {name!r}, it has {known}; add it under "
                "`connections`"
            )
        return found

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the decisions: changes exactly when one of them changes."""
        return fingerprint_of(self)


class _PlatformFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    unified: bool = True
    filing: str | None = None


class _ConnectionFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    url: str = Field(pattern=r"^[a-z0-9]+(\+[a-z0-9_]+)?://")
    secret: str | None = Field(default=None, pattern=r"^(file|env):.+$")
    statement_timeout_seconds: int = Field(default=300, ge=1)
    tls: Literal["disable", "require", "verify-full"] = "require"
    tls_ca: str | None = None

    @field_validator("url")
    @classmethod
    def _without_password(cls, given: str) -> str:
        if urlsplit(given).password is not None:
            raise PydanticCustomError(
                "password", "a password must not stand in this file; name its place with `secret`"
            )
        return given


class _PullingFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    hosts: list[str] = Field(default_factory=list)
    private_hosts: list[str] = Field(default_factory=list)
    max_megabytes: int = Field(default=2048, ge=1)
    max_seconds: int = Field(default=3600, ge=1)
    retries: int = Field(default=4, ge=0)


class _SettingsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    city: str
    regimes: list[Literal[KNOWN_REGIMES]] = Field(min_length=1)  # type: ignore[valid-type]
    deployment_role: Literal["opener_upstream", "platform_operator"]
    platform: _PlatformFile
    region: str = "cn"
    timezone: str = "Asia/Shanghai"
    memory_limit: str = Field(default="700MB", pattern=r"^[0-9]+(MB|GB)$")
    threads: int = Field(default=2, ge=1)
    default_k: int = Field(default=5, ge=2)
    key: str = Field(default="file:restricted/keys/master.key", pattern=r"^(file|env|command):.+$")
    register_url: str = Field(default="sqlite:///register.sqlite", alias="register")
    connections: dict[str, _ConnectionFile] = Field(default_factory=dict)
    pulling: _PullingFile = Field(default_factory=_PullingFile)
    settle_seconds: int = Field(default=30, ge=0)
    received_term_days: int = Field(default=30, ge=0)
    extend_over_days_off: bool = False


def parse_settings(text: str, *, where: str) -> Settings:
    """Read the text of an ``opendata.yaml``.

    Raises:
        HomeError: it is not valid; the message lists every wrong key with what is allowed.
    """
    try:
        given = _SettingsFile.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise HomeError(f"{where} is not YAML: {getattr(error, 'problem', error)}") from None
    except ValidationError as error:
        wrong = "\n".join(
            f"  {where} {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        )
        raise HomeError(f"the home's settings are not valid:\n{wrong}") from None
    return Settings(
        city=given.city,
        regimes=tuple(given.regimes),
        deployment_role=DeploymentRole[given.deployment_role.upper()],
        platform=Platform(**given.platform.model_dump()),
        region=given.region,
        timezone=given.timezone,
        memory_limit=given.memory_limit,
        threads=given.threads,
        default_k=given.default_k,
        key=given.key,
        register=given.register_url,
        connections=tuple(
            Connection(id=name, **each.model_dump()) for name, each in given.connections.items()
        ),
        pulling=Pulling(
            **given.pulling.model_dump()
            | {
                "hosts": tuple(given.pulling.hosts),
                "private_hosts": tuple(given.pulling.private_hosts),
            }
        ),
        settle_seconds=given.settle_seconds,
        received_term_days=given.received_term_days,
        extend_over_days_off=given.extend_over_days_off,
    )
