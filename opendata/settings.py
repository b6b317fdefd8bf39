"""``opendata.yaml``: what a home decides once — regimes, role, limits, keys, where it releases to.

Text in, a frozen value out. Finding the file and the folders around it is ``resources/home.py``.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A home's decisions. ``key`` names where the master key lies, never the key itself."""

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

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the decisions: changes exactly when one of them changes."""
        return fingerprint_of(self)


class _PlatformFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    unified: bool = True
    filing: str | None = None


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
    key: str = Field(default="file:restricted/keys/master.key", pattern=r"^(file|env):.+$")
    register_url: str = Field(default="sqlite:///register.sqlite", alias="register")


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
    )
