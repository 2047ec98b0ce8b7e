"""MariaDB and PostgreSQL for a moment: data in a folder of their own, on loopback, by a user who is not root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.wire.lab.brokers import told
from tochain.reproduce.programs import Program, Setup, find, free_port, running

TOOLS = Path("/usr/lib/postgresql")


def _postgres(setup: Setup) -> Sequence[str]:
    data = setup.folder / "pg"
    tool = Path(find(POSTGRESQL)).resolve().parent / "initdb"
    words = [*_as_user(setup.folder), str(tool), "-D", str(data), "-A", "trust", "-U", "lab", "--no-sync"]
    subprocess.run(words, check=True, capture_output=True, timeout=120, cwd=setup.folder)
    limit = f"idle_session_timeout={round((setup.idle or 0) * 1000)}"
    own = ["-c", "fsync=off", "-c", f"unix_socket_directories={setup.folder}", "-c", "listen_addresses=127.0.0.1"]
    return ["-D", str(data), "-p", str(setup.port), *own, "-c", limit]


def _mariadb(setup: Setup) -> Sequence[str]:
    data = setup.folder / "my"
    data.mkdir()
    if os.geteuid() == 0:
        os.chown(data, _user().pw_uid, _user().pw_gid)
    limit = [] if setup.idle is None else [f"--wait-timeout={round(setup.idle)}"]
    own = ["--skip-grant-tables", "--skip-networking=0", "--bind-address=127.0.0.1", f"--port={setup.port}"]
    small = ["--innodb-buffer-pool-size=8M", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin"]
    files = [f"--datadir={data}", f"--socket={data}/s", f"--pid-file={data}/pid"]
    return ["--no-defaults", *_run_as(), *files, *own, *small, *limit]


def _user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _run_as() -> list[str]:
    return ["--user=nobody"] if os.geteuid() == 0 else []


def _as_user(folder: Path) -> list[str]:
    """Words that start a program without root's rights; the folder is then that user's."""
    if os.geteuid() != 0:
        return []
    os.chown(folder, _user().pw_uid, _user().pw_gid)
    return ["setpriv", f"--reuid={_user().pw_uid}", f"--regid={_user().pw_gid}", "--clear-groups"]


MARIADB = Program("mariadb", ("mariadbd", "mysqld"), "mariadb-server", ("--version",), _mariadb)
POSTGRESQL = Program(
    "postgresql",
    ("postgres", *(str(path) for path in sorted(TOOLS.glob("*/bin/postgres"), reverse=True))),
    "postgresql",
    ("--version",),
    _postgres,
)
DATABASES = {program.product: program for program in (MARIADB, POSTGRESQL)}


@contextmanager
def database(product: str, folder: Path, idle: float) -> Iterator[str]:
    """The database while it listens; yields the URL for SQLAlchemy."""
    port = free_port()
    program, driver, user = DATABASES[product], "mysql+pymysql", "root"
    if product == "postgresql":
        driver, user = "postgresql+pg8000", "lab"
        program = replace(program, names=("setpriv",), prepare=_dropped) if os.geteuid() == 0 else program
    with running(program, Setup(folder, port, idle)) as log:
        told(log, "ready for connections" if product == "mariadb" else "ready to accept connections")
        yield f"{driver}://{user}@127.0.0.1:{port}/{'postgres' if product == 'postgresql' else 'information_schema'}"


def _dropped(setup: Setup) -> Sequence[str]:
    """PostgreSQL refuses to run as root: setpriv starts it."""
    words = _postgres(setup)
    return [*_as_user(setup.folder)[1:], find(POSTGRESQL), *words]
