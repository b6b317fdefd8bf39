"""The outside world: files, keys, clocks, stores. Plain classes that know nothing of Dagster."""
