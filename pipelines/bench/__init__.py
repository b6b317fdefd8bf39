"""Measurements: ratios from interleaved runs, medians, CPU time; never part of the tests."""
