"""Soda on DuckDB: one contract, over a view of the file, which is cheaper than loading it.

Its messages home are switched off: without a network they would add seconds.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.bench.peers.answer import answer

CONTRACT = Path(__file__).with_name("soda.yaml")


def main() -> None:
    """Import what is needed, then judge."""
    os.environ["SODA_CORE_TELEMETRY_ENABLED"] = "false"
    import duckdb
    from soda_core.contracts import verify_contract_locally
    from soda_duckdb.common.data_sources.duckdb_data_source import DuckDBDataSourceImpl

    def judge(table: str) -> Mapping[str, int]:
        con = duckdb.connect()
        con.execute(f"create view enterprises as from read_parquet('{table}')").fetchall()
        source = DuckDBDataSourceImpl.from_existing_cursor(con, name="city")
        session = verify_contract_locally(
            data_sources=[source], contract_file_path=str(CONTRACT), publish=False
        )
        return _counted(session.contract_verification_results[0].check_results)

    answer("soda-core", judge)


def _counted(results: list[Any]) -> Mapping[str, int]:
    """By the names of the checks; their types say which of the counts is theirs."""
    counts: dict[str, int] = {}
    for each in results:
        told = each.diagnostic_metric_values or {}
        count = int(told.get(f"{each.check.type}_count", not each.is_passed))
        rule = each.check.name.split()[0]
        counts[rule] = max(count, counts.get(rule, 0))
    return counts


if __name__ == "__main__":
    main()
