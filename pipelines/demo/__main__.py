"""``python -m pipelines.demo DIR``: write the demo city into DIR, the same bytes every time."""

import sys
from pathlib import Path

from pipelines.demo.generator import build_city


def main(arguments: list[str]) -> int:
    """Build the city in the one folder named."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m pipelines.demo DIR\n")
        return 2
    build_city(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
