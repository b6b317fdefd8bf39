"""The judge: contract in, GX suites, planned DuckDB queries, scores and quarantine out."""
