"""Claims about ``opendata.regime``: profiles are complete, cited and merged as declared."""

from typing import Any

import pytest

from opendata.errors import LawError
from opendata.law import clause, law_data, regulation
from opendata.profiles import check_profile, load_keys, load_profile
from opendata.regime import OPERATORS, load_regime
from opendata.settings import KNOWN_REGIMES
from opendata.vocabulary import Basis

XIAN = ("xian-open-2022", "xian-share-2018")


def profile_with(**rules: Any) -> dict[str, Any]:
    """The Guangxi profile with some rules replaced (``__`` stands for the dot)."""
    document: dict[str, Any] = law_data("guangxi-open.yaml")
    changed = {key.replace("__", "."): rule for key, rule in rules.items()}
    document["rules"] |= changed
    document["silent"] = [each for each in document["silent"] if each not in changed]
    return document


def check(document: dict[str, Any]) -> None:
    check_profile(regulation("guangxi-open"), document)


def test_the_registry_has_110_keys_each_with_a_known_operator() -> None:
    assert len(load_keys()) == 110
    assert {each.merge for each in load_keys().values()} <= set(OPERATORS)


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_every_key_is_ruled_or_silent_in_every_profile(regime: str) -> None:
    profile = load_profile(regime)

    assert {each.key for each in profile.rules} | set(profile.silent) == set(load_keys())


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_every_rule_cites_clauses_of_its_own_regulation(regime: str) -> None:
    for rule in load_profile(regime).rules:
        assert rule.cites
        assert {clause(each).regime for each in rule.cites} == {regime}


def test_a_key_neither_ruled_nor_silent_is_refused() -> None:
    document = profile_with()
    document["silent"].remove("cat.first")

    with pytest.raises(LawError, match=r"cat\.first is neither ruled nor declared silent"):
        check(document)


def test_a_key_both_ruled_and_silent_is_refused() -> None:
    document = profile_with()
    document["silent"].append("cat.fields")

    with pytest.raises(LawError, match=r"cat\.fields is both"):
        check(document)


def test_a_cite_that_resolves_to_nothing_is_refused() -> None:
    with pytest.raises(LawError, match="cites guangxi-open/99"):
        check(profile_with(cat__first={"v": True, "cite": ["99"]}))


def test_a_rule_without_a_clause_is_refused() -> None:
    with pytest.raises(LawError, match=r"cat\.first cites nothing"):
        check(profile_with(cat__first={"v": True, "cite": []}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cat__first", "yes"),
        ("cat__fields", [1, 2]),
        ("corr__sla", "three days"),
        ("chan__unified_only", "sometimes"),
        ("risk__triggers", ["legal"]),
        ("app__steps", ["screen"]),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(key: str, value: object) -> None:
    with pytest.raises(LawError, match="is not a"):
        check(profile_with(**{key: {"v": value, "cite": ["1"]}}))


def test_every_mistake_of_a_profile_is_listed_at_once() -> None:
    document = profile_with(cat__first={"v": "yes", "cite": ["99"]}, made__up={"v": 1, "cite": []})

    with pytest.raises(LawError) as refused:
        check(document)

    assert all(word in str(refused.value) for word in ("not a bool", "guangxi-open/99", "made.up"))


def test_a_silent_key_takes_the_products_default_as_a_local_rule() -> None:
    ruling = load_regime(("xian-open-2022",)).rule("cat.exclude_acquired")

    assert (ruling.value, ruling.basis, ruling.cites) == (("shared",), Basis.LOCAL, ())
    assert ruling.provenance == "product default"


def test_a_ruled_key_names_its_clauses() -> None:
    ruling = load_regime(("xian-open-2022",)).rule("method.conditional.deny")

    assert ruling.value == ("download",)
    assert ruling.cites == ("xian-open-2022/23.p2.a",)
    assert ruling.basis is Basis.TEXT


def test_any_lets_one_regulation_bind_all() -> None:
    assert load_regime(XIAN).value("cat.first") is True


def test_union_collects_what_each_regulation_asks() -> None:
    fields = load_regime(XIAN).value("cat.fields")

    assert {"method", "summary"} <= set(fields)


def test_union_of_maps_collects_per_word() -> None:
    triggers = load_regime(("guangxi-open", "guangzhou-open-2022")).value("risk.triggers")

    assert triggers["technical"] == ("expert_meeting", "expert_argument")


def test_intersect_keeps_what_all_allow_and_any_is_a_wildcard() -> None:
    assert load_regime(XIAN).value("method.conditional.allow") == ("api", "model_result")
    assert load_regime(("guangxi-open", "guangzhou-open-2022")).value(
        "method.unconditional.allow"
    ) == ("download", "api")


def test_an_empty_intersection_is_an_error_at_load_time() -> None:
    key = load_keys()["method.conditional.allow"]
    download = next(each for each in load_profile("guangxi-open").rules if each.key == key.name)
    api = next(each for each in load_profile("xian-share-2018").rules if each.key == key.name)
    only_other = check_profile(
        regulation("guangxi-open"),
        profile_with(method__conditional__allow={"v": ["post"], "cite": ["1"]}),
    )
    post = next(each for each in only_other.rules if each.key == key.name)

    assert OPERATORS["intersect"](key, (download, api)) == ("api",)
    with pytest.raises(LawError, match="leaves nothing allowed"):
        OPERATORS["intersect"](key, (api, post))


def test_min_takes_the_shortest_counted_term() -> None:
    regime = load_regime(("xian-open-2022", "guangxi-open", "guangzhou-open-2022"))

    assert regime.value("corr.sla") == "3wd"


def test_max_takes_the_longest_retention() -> None:
    assert load_regime(XIAN, axis="share").value("rec.retention") == "3y"


def test_strictest_follows_the_declared_order() -> None:
    assert load_regime(("xian-open-2022", "chongqing-open")).value("agr.authority_act") == (
        "review_before_opening"
    )
    assert load_regime(("chongqing-open", "xian-open-2022")).value("risk.mosaic")["consult"] == (
        "shall"
    )


def test_per_regime_keeps_both_answers_apart() -> None:
    names = load_regime(XIAN).value("class.names")

    assert names["xian-open-2022"]["conditional"] == "有条件开放类"
    assert names["xian-share-2018"]["conditional"] == "授权开放"


def test_a_difference_in_an_enabling_key_waits_for_a_person() -> None:
    regime = load_regime(XIAN)

    assert regime.rule("elig.conditional").undecided
    with pytest.raises(LawError, match="a person must choose"):
        regime.value("elig.conditional")


def test_a_decision_names_the_regulation_that_governs() -> None:
    regime = load_regime(XIAN, decisions=(("elig.conditional", "xian-open-2022"),))

    assert regime.value("elig.conditional") == "any"


def test_what_is_merged_by_rule_cannot_be_decided() -> None:
    with pytest.raises(LawError, match="merged by rule"):
        load_regime(XIAN, decisions=(("corr.sla", "xian-share-2018"),))


def test_the_sharing_axis_reads_the_sharing_rules_only() -> None:
    assert load_regime(XIAN, axis="share").value("chan.unified_only") == "in_principle"
    assert load_regime(XIAN, axis="share").value("fresh.after_change") == "5wd"
    assert load_regime(XIAN).value("fresh.after_change") is None


def test_all_five_merge_into_a_strict_mode_that_still_allows_something() -> None:
    regime = load_regime(KNOWN_REGIMES)

    assert regime.value("method.conditional.allow") == ("api",)
    assert regime.value("id.conditional") == "real_name"
    assert regime.value("corr.sla") == "3wd"
    assert regime.value("obj.sla") == "15wd"
    assert regime.value("chan.unified_only") == "absolute"


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(LawError, match="no rule key"):
        load_regime(("xian-open-2022",)).value("cat.colour")


def test_an_unknown_regime_is_an_error() -> None:
    with pytest.raises(LawError, match="no regulation"):
        load_regime(("beijing",))


def test_a_loaded_regime_is_loaded_once() -> None:
    assert load_regime(XIAN) is load_regime(XIAN)
