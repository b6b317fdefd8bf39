"""Ours, asked as the peers are: a process that judges the table and prints its answer."""

from collections.abc import Mapping
from pathlib import Path

from pipelines.bench.peers.answer import answer


def main() -> None:
    """Import what is needed, then judge."""
    from pipelines.bench.evaluation import connection, suite_text
    from quality.evaluation import evaluate
    from quality.plan import plan
    from quality.suite_json import from_suite_json
    from quality.table_rules import TABLE_TYPES

    def judge(table: str) -> Mapping[str, int]:
        suite = plan(from_suite_json(suite_text()))
        return {
            each.expectation.id: int(not each.success)
            if each.expectation.type in TABLE_TYPES
            else each.unexpected
            for each in evaluate(connection(), Path(table), suite)
        }

    answer("opendata", judge)


if __name__ == "__main__":
    main()
