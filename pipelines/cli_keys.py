"""The verbs ``opendata keys …``: make, renew and look over the master key of pseudonyms."""

from pathlib import Path

import click

from pipelines.verbs import DONE, WRONG_INPUT, decision_verb, home_verb, tell


@click.group()
def keys() -> None:
    """密钥: the master key of a home, from which the key of every pseudonym is derived."""


@keys.command("create")
@home_verb
def keys_create(home_dir: Path | None, as_json: bool) -> int:
    """建立主密钥: make the key file that opendata.yaml names (0600); one is never overwritten.

    `opendata init` does so for a new home. The key itself is never shown.
    """
    from pipelines.keys import create_key

    tell(create_key(home_dir), as_json=as_json)
    return DONE


@keys.command("rotate")
@decision_verb
def keys_rotate(reason: str, evidence: Path | None, home_dir: Path | None, as_json: bool) -> int:
    """更换主密钥: add a new version; releases from now on use it, and all their pseudonyms change.

    Earlier versions are kept, so that what was released under them can be explained. Datasets with
    pseudonyms are made anew by the next run, all of them, so that they can still be joined.
    """
    from pipelines.keys import rotate_key

    tell(rotate_key(home_dir, reason=reason, evidence=evidence), as_json=as_json)
    return DONE


@keys.command("check")
@home_verb
def keys_check(home_dir: Path | None, as_json: bool) -> int:
    """检查密钥: is the key there, private and whole, and which version made what is open?

    Only public fingerprints are shown. Exit code 2 when pseudonyms that are open were made by no
    version that is still here.
    """
    from pipelines.keys import check_keys

    checked = check_keys(home_dir)
    tell(checked, as_json=as_json)
    return DONE if checked.explained else WRONG_INPUT
