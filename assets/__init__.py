"""The work: one file per stage, and the factory that turns a catalog into Dagster assets."""
