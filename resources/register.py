"""The register: what people decided, by whom, on what ground. Nothing that can be recomputed.

SQLAlchemy Core on SQLite (WAL) by default, PostgreSQL by URL. What was done is the processing
record's; a suspension's force is the store's ``withheld.json``. Decisions are only ever added.
"""

import os
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from opendata.errors import HomeError
from opendata.plain import JsonValue, plain
from opendata.vocabulary import Term
from resources.migrations import decisions, migrate


class DecisionKind(Term):
    """What was decided."""

    SUSPEND = "中止"
    RESTORE = "恢复"
    WITHDRAW = "撤回"
    ADOPT_REGIME = "启用规则"
    RECLASSIFY = "调整开放属性"
    SIGN_OFF = "审签"
    EXCEPTION = "例外处理（经批准）"
    CORRECTION = "更正"
    CLAIM = "认领数源"
    DISPUTE = "数源争议"
    SETTLE = "争议处理"
    START_CLOCK = "期限起算"
    STOP_CLOCK = "期限办结"
    ASSESS = "安全评估"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision, by one person; ``id`` is given when it is entered.

    ``dataset_id`` is absent for decisions about the home; ``reason`` is the person's own words,
    ``basis`` the ground (an article, or 投诉 | 自查发现); ``decided_at`` knows its zone;
    ``evidence`` is the SHA-256 of the paper it rests on.
    """

    kind: DecisionKind
    actor: str
    decided_at: datetime
    reason: str
    basis: str | None = None
    dataset_id: str | None = None
    detail: Mapping[str, JsonValue] = field(default_factory=dict)
    evidence: str | None = None
    id: int | None = None


class Register:
    """The decisions of one home; several processes may use it.

    Raises:
        HomeError: it cannot be opened, or a newer program made it.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        try:
            migrate(self._engine)
        except sa.exc.SQLAlchemyError as error:
            self._engine.dispose()
            raise _unreadable(error) from None

    def record_decision(self, decision: Decision) -> Decision:
        """Enter a decision and return it with its id; it is durable by then."""
        if decision.decided_at.tzinfo is None:
            raise ValueError("a decision's time must know its zone; take it from the Clock")
        row = {key: value for key, value in plain(decision).items() if key != "id"}
        with self._engine.begin() as connection:
            key = connection.execute(sa.insert(decisions).values(row)).inserted_primary_key
        return replace(decision, id=key[0] if key else None)

    def decisions(
        self, kind: DecisionKind | None = None, dataset_id: str | None = None
    ) -> tuple[Decision, ...]:
        """Decisions in the order they were entered, all or those of a kind or dataset."""
        wanted = sa.select(decisions).order_by(decisions.c.id)
        if kind is not None:
            wanted = wanted.where(decisions.c.kind == kind.code)
        if dataset_id is not None:
            wanted = wanted.where(decisions.c.dataset_id == dataset_id)
        with self._engine.connect() as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple(_decision(each) for each in rows)

    def latest(self, kind: DecisionKind, dataset_id: str | None = None) -> Decision | None:
        """The last decision of a kind, about one dataset when it is named."""
        return next(reversed(self.decisions(kind, dataset_id)), None)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def read_decisions(url: str, kinds: Collection[DecisionKind]) -> tuple[Decision, ...]:
    """Decisions of these kinds, oldest first; none where nobody has made the register yet.

    Raises:
        HomeError: the register cannot be read, so nobody knows what was decided.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return ()
    try:
        with closing(Register(url)) as register:
            return tuple(each for each in register.decisions() if each.kind in kinds)
    except sa.exc.SQLAlchemyError as error:
        raise _unreadable(error) from None


def _unreadable(error: sa.exc.SQLAlchemyError) -> HomeError:
    return HomeError(
        f"the register cannot be opened or read ({type(error).__name__}); what was decided must be "
        "known before anything opens: restore register.sqlite, or reach the server it is kept on"
    )


def _engine(url: str) -> sa.Engine:
    """The engine, with a SQLite file made for its owner only before anything opens it."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed)
    if parsed.database and parsed.database != ":memory:":
        _make_private(Path(parsed.database))
    engine = sa.create_engine(parsed)
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)


def _set_up_sqlite(connection: Any, _: object) -> None:
    for pragma in ("journal_mode = wal", "synchronous = full", "busy_timeout = 10000"):
        connection.execute(f"pragma {pragma}").close()


def _decision(row: sa.RowMapping) -> Decision:
    read: dict[str, Any] = dict(row)
    read["kind"] = DecisionKind[read["kind"].upper()]
    read["decided_at"] = datetime.fromisoformat(read["decided_at"])
    return Decision(**read)
