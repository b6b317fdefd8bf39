"""What Dagster loads: the definitions of the home that OPENDATA_HOME or the folder names."""

from assets.workshop import Workshop
from pipelines.assembly import build_defs
from resources.home import Home

defs = build_defs(Workshop.open(Home.find().prepare(), actor="dagster"))
