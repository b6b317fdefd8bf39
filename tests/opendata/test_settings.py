from typing import Any

import pytest
import yaml

from opendata.errors import HomeError
from opendata.settings import KNOWN_REGIMES, Platform, Settings, parse_settings
from opendata.vocabulary import DeploymentRole

GIVEN = {
    "city": "测试市",
    "regimes": ["xian-open-2022"],
    "deployment_role": "opener_upstream",
    "platform": {"name": "平台"},
}


def parsed(*without: str, **changes: Any) -> Settings:
    given = {key: value for key, value in (GIVEN | changes).items() if key not in without}
    return parse_settings(yaml.safe_dump(given, allow_unicode=True), where="opendata.yaml")


def test_what_law_depends_on_is_said_and_the_rest_has_a_default() -> None:
    assert parsed() == Settings(
        city="测试市",
        regimes=("xian-open-2022",),
        deployment_role=DeploymentRole.OPENER_UPSTREAM,
        platform=Platform(name="平台", unified=True),
        region="cn",
        timezone="Asia/Shanghai",
        memory_limit="700MB",
        threads=2,
        default_k=5,
        key="file:restricted/keys/master.key",
        register="sqlite:///register.sqlite",
    )


@pytest.mark.parametrize("key", list(GIVEN))
def test_nothing_that_law_depends_on_may_be_left_out(key: str) -> None:
    with pytest.raises(HomeError, match=rf"opendata\.yaml {key}: Field required"):
        parsed(key)


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_every_regulation_can_be_chosen_alone(regime: str) -> None:
    assert parsed(regimes=[regime]).regimes == (regime,)


def test_several_regulations_keep_their_order() -> None:
    both = ["xian-share-2018", "xian-open-2022"]

    assert parsed(regimes=both).regimes == tuple(both)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"regimes": []}, "regimes"),
        ({"regimes": ["atlantis"]}, "regimes"),
        ({"deployment_role": "portal"}, "deployment_role"),
        ({"platform": {"unified": True}}, "platform.name"),
        ({"platform": {"name": "甲", "colour": "red"}}, "platform.colour"),
        ({"memory_limit": "lots"}, "memory_limit"),
        ({"threads": 0}, "threads"),
        ({"default_k": 1}, "default_k"),
        ({"key": "0123456789abcdef"}, "key"),
        ({"treads": 2}, "treads"),
    ],
    ids=[
        "no_regulation",
        "unknown_regulation",
        "unknown_role",
        "nameless_platform",
        "unknown_key_inside",
        "memory_in_words",
        "no_thread",
        "groups_of_one",
        "a_key_instead_of_its_place",
        "misspelt_key",
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(HomeError, match=rf"opendata\.yaml {said}"):
        parsed(**changes)


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(HomeError) as caught:
        parsed("city", threads=0, default_k=0)

    assert str(caught.value).count("opendata.yaml ") == 3


@pytest.mark.parametrize(
    "text", ["", "[]", "city: [", "- a"], ids=["empty", "list", "torn", "item"]
)
def test_what_is_no_settings_file_is_refused(text: str) -> None:
    with pytest.raises(HomeError, match=r"opendata\.yaml"):
        parse_settings(text, where="opendata.yaml")


def test_a_filed_channel_says_so() -> None:
    platform = parsed(platform={"name": "另一平台", "unified": False, "filing": "备〔2026〕1号"})

    assert platform.platform == Platform(name="另一平台", unified=False, filing="备〔2026〕1号")
