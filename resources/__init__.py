"""The outside world: files, keys, clocks, stores. Plain classes; Dagster only in wiring.py."""
