"""The peers as ``peers.yaml`` lists them: what to install, and what there is to say of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One judge beside ours; ``id`` is the name of its script and of its environment.

    ``differs`` are the rules whose counts are not ours, with the reason.
    """

    id: str
    title: str
    requires: tuple[str, ...]
    asked: str
    reports: str
    differs: Mapping[str, str]
    better: str


def peers() -> tuple[Peer, ...]:
    """All of them, the one our bars are about first."""
    text = resources.files("pipelines.bench.peers").joinpath("peers.yaml").read_text("utf-8")
    return tuple(
        Peer(**each | {"requires": tuple(each["requires"])}) for each in yaml.safe_load(text)
    )
