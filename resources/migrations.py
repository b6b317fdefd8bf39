"""The register's tables, and the steps that bring an older register up to them.

A step is added at the end and never edited; a register remembers how many it has taken. Steps must
run on SQLite and PostgreSQL alike.
"""

from collections.abc import Callable

import sqlalchemy as sa

from opendata.errors import HomeError

metadata = sa.MetaData()

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("decided_at", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("dataset_id", sa.String),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("basis", sa.String),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("evidence", sa.String),
    sa.Index("decisions_by_dataset", "dataset_id", "kind"),
)

_steps_taken = sa.Table(
    "migrations",
    metadata,
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
)

Step = Callable[[sa.Connection], None]


def _make_decisions(connection: sa.Connection) -> None:
    decisions.create(connection)


def _add_evidence(connection: sa.Connection) -> None:
    there = {each["name"] for each in sa.inspect(connection).get_columns("decisions")}
    if "evidence" not in there:  # a register made today has it from the first step
        connection.execute(sa.text("alter table decisions add column evidence varchar"))


STEPS: tuple[Step, ...] = (_make_decisions, _add_evidence)


def migrate(engine: sa.Engine, steps: tuple[Step, ...] = STEPS) -> None:
    """Take the steps a register has not taken yet, each exactly once, all or none.

    Raises:
        HomeError: the register was made by a newer program.
    """
    with engine.begin() as connection:
        _take_turns(connection)
        _steps_taken.create(connection, checkfirst=True)
        taken = len(connection.execute(sa.select(_steps_taken.c.step)).all())
        if taken > len(steps):
            raise HomeError(
                f"the register has taken {taken} migration steps, this program knows {len(steps)}; "
                "use the newer program that made it"
            )
        for number, step in enumerate(steps[taken:], start=taken + 1):
            step(connection)
            connection.execute(sa.insert(_steps_taken).values(step=number))


def _take_turns(connection: sa.Connection) -> None:
    """Let one process migrate at a time."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("begin immediate")
    else:
        connection.execute(sa.text("select pg_advisory_xact_lock(7046029254386353131)"))
