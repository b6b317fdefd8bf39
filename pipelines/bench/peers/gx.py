"""Great Expectations on pandas: the suite file itself, with counts and without examples."""

import json
from collections.abc import Mapping
from importlib import resources

from pipelines.bench.peers.answer import answer

COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


def main() -> None:
    """Import what is needed, then judge."""
    import great_expectations as gx
    import pandas as pd

    text = resources.files("pipelines.bench").joinpath("enterprises.json").read_text("utf-8")

    def judge(table: str) -> Mapping[str, int]:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        suite = context.suites.add(gx.ExpectationSuite(**json.loads(text)))
        asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
        whole = asset.add_batch_definition_whole_dataframe("whole")
        batch = whole.get_batch({"dataframe": pd.read_parquet(table)})
        judged = batch.validate(suite, result_format=COUNTS_ONLY)
        return {
            each.expectation_config.meta["id"]: each.result.get(
                "unexpected_count", int(not each.success)
            )
            for each in judged.results
        }

    answer("great-expectations", judge)


if __name__ == "__main__":
    main()
