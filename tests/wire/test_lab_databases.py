"""Pools and databases: a session the database has ended is handed out, unless the pool retires it earlier."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.wire.lab.databases import DATABASES, database
from tests.wire.lab.proof import Proof, named

pytestmark = [pytest.mark.wire, pytest.mark.lab]

TRIES = 20
ENDS = {"mariadb": ("wait_timeout", "OperationalError 2006"), "postgresql": ("idle_session_timeout", "InterfaceError")}


@pytest.mark.parametrize("product", ENDS)
@pytest.mark.parametrize(
    ("rule", "ends", "recycle"), [("pool-outlives-session", 1, -1), ("pool-outlives-session mended", 8, 1)]
)
def test_a_pool_hands_out_sessions(
    proof: Proof, folder: Path, product: str, rule: str, ends: int, recycle: int
) -> None:
    """The pause is longer than the database waits, or shorter: then the pool has retired the session by itself."""
    setting, error = ENDS[product]
    kept = "as long as it lives" if recycle < 0 else f"{recycle} s"
    proof.of(rule, f"SQLAlchemy keeps {kept} -> {product} {setting} {ends} s")
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed; install the wheel sqlalchemy")
    pytest.importorskip({"mariadb": "pymysql", "postgresql": "pg8000"}[product])
    proof.needs(DATABASES[product])
    with database(product, folder, ends) as url:
        # A pool each: the first failure empties the whole pool, and the others would be healed.
        engines = [sqlalchemy.create_engine(url, pool_size=1, pool_recycle=recycle) for _ in range(TRIES)]
        with ThreadPoolExecutor(TRIES) as many:
            got = list(many.map(lambda engine: second(sqlalchemy, engine), engines))
        for engine in engines:
            engine.dispose()
    fresh = [session for _, session in got if session == "new session"]
    saw = f"the next query: {got[0][0]}"
    proof.saw(f"{saw}; {TRIES} tries, {len(fresh)} on a new session")
    if recycle < 0:
        assert {outcome for outcome, _ in got} == {error}
        proof.observed(product, setting, named(DATABASES[product], product), saw, TRIES, "SQLAlchemy")
    else:
        assert (got, len(fresh)) == ([("answered", "new session")] * TRIES, TRIES)


def second(sqlalchemy, engine) -> tuple[str, str]:
    """What the query after a pause comes to, and whether it ran on another session than the first."""
    who = sqlalchemy.text(
        "SELECT CONNECTION_ID()" if engine.dialect.name in ("mysql", "mariadb") else "SELECT pg_backend_pid()"
    )
    with engine.connect() as held:
        first = held.execute(who).scalar()
    time.sleep(3)
    try:
        with engine.connect() as held:
            again = held.execute(who).scalar()
    except sqlalchemy.exc.DBAPIError as error:
        number = error.orig.args[0] if error.orig and isinstance(error.orig.args[0], int) else ""
        return f"{type(error).__name__} {number}".strip(), ""
    return "answered", "same session" if first == again else "new session"
