import dagster as dg

from assets.keys import CHECKS, Layer, asset_key, asset_specs, check_specs
from opendata.catalog import Dataset
from opendata.vocabulary import Openness
from tests.support import a_catalog, a_dataset, a_source

REGISTER = a_dataset(summary="企业的登记事项。")
RATINGS = a_dataset(id="ratings", body="transport", reads=("enterprise_register",), model="select")
CATALOG = a_catalog(REGISTER, RATINGS)


def spec_of(dataset: Dataset, layer: Layer) -> dg.AssetSpec:
    return asset_specs(CATALOG, dataset)[list(Layer).index(layer)]


def test_a_key_is_body_dataset_and_layer() -> None:
    assert asset_key(REGISTER, Layer.LANDED).path == ["market", "enterprise_register", "landed"]


def test_each_layer_reads_the_one_before() -> None:
    deps = {spec.key.path[2]: [dep.asset_key for dep in spec.deps] for spec in specs()}

    assert deps == {
        "landed": [],
        "standardised": [asset_key(REGISTER, Layer.LANDED)],
        "released": [asset_key(REGISTER, Layer.STANDARDISED)],
    }


def specs() -> list[dg.AssetSpec]:
    return asset_specs(CATALOG, REGISTER)


def test_a_model_reads_the_standardised_layer_of_its_inputs() -> None:
    standardised = spec_of(RATINGS, Layer.STANDARDISED)

    assert [dep.asset_key for dep in standardised.deps] == [
        asset_key(RATINGS, Layer.LANDED),
        asset_key(REGISTER, Layer.STANDARDISED),
    ]


def test_the_body_owns_its_assets_and_groups_them() -> None:
    assert {tuple(spec.owners) for spec in specs()} == {("team:市market局",)}
    assert {spec.group_name for spec in specs()} == {"market"}


def test_descriptions_are_chinese_and_identifiers_ascii() -> None:
    for spec in specs():
        assert str(spec.description).startswith("企业登记信息·")
        assert str(spec.description).endswith("企业的登记事项。")
        assert spec.key.to_user_string().isascii()


def test_the_class_is_a_tag_and_an_undecided_one_says_so() -> None:
    undecided = a_dataset(openness=None)

    assert spec_of(REGISTER, Layer.RELEASED).tags["openness"] == Openness.UNCONDITIONAL.code
    assert asset_specs(a_catalog(undecided), undecided)[0].tags["openness"] == "undecided"


def test_the_code_version_follows_the_entry() -> None:
    changed = a_dataset(title="企业登记事项", summary=REGISTER.summary, sources=(a_source(),))

    before, after = (asset_specs(a_catalog(each), each)[0] for each in (REGISTER, changed))

    assert before.code_version != after.code_version
    assert before.code_version == asset_specs(a_catalog(REGISTER), REGISTER)[0].code_version


def test_three_checks_sit_on_the_layers_they_judge() -> None:
    placed = {spec.name: spec.asset_key.path[2] for spec in check_specs(REGISTER)}

    assert placed == {name: layer.value for name, layer in CHECKS.items()}
    assert set(placed) == {"quality", "freshness", "gate"}
    assert not any(spec.blocking for spec in check_specs(REGISTER))
