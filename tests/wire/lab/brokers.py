"""RabbitMQ and Mosquitto for a moment: on loopback, everything they write in one folder."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tochain.reproduce.programs import Program, Setup, find, free_port, running

SCRIPTS = Path("/usr/lib/rabbitmq/bin")
"""The scripts themselves: those on PATH change the user and start the service's own node."""

PLUGINS = "[rabbitmq_stomp,rabbitmq_mqtt]."
CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
stomp.listeners.tcp.1 = 127.0.0.1:{stomp}
mqtt.listeners.tcp.1 = 127.0.0.1:{mqtt}
"""

RABBITMQ = Program("rabbitmq", (str(SCRIPTS / "rabbitmqctl"),), "rabbitmq-server", ("version",), lambda setup: [])
EPMD = Program("epmd", ("epmd",), "erlang-base", (), lambda setup: ["-address", "127.0.0.1", "-port", str(setup.port)])


@dataclass(frozen=True, slots=True)
class Rabbit:
    """A running RabbitMQ: its ports by protocol, the log, and what its own tools must be told to find it."""

    ports: dict[str, int]
    log: Path
    environment: dict[str, str]

    def said(self, *words: str) -> str:
        """What rabbitmqctl answers."""
        command = [str(SCRIPTS / "rabbitmqctl"), "-q", *words]
        environment = {**os.environ, **self.environment}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=True, cwd="/"
        ).stdout


@contextmanager
def rabbitmq(folder: Path, settings: str = "") -> Iterator[Rabbit]:
    """RabbitMQ while it listens, with the settings in its rabbitmq.conf."""
    find(RABBITMQ)
    ports = {name: free_port() for name in ("amqp", "stomp", "mqtt", "dist")}
    (folder / "plugins").write_text(PLUGINS)
    (folder / "rabbitmq.conf").write_text(CONFIG.format(**ports) + settings)
    with ExitStack() as stack:
        names = Setup(folder, free_port(), None)
        stack.enter_context(running(EPMD, names))
        environment = _environment(folder, ports, names.port)
        words = [*(f"{name}={value}" for name, value in environment.items()), str(SCRIPTS / "rabbitmq-server")]
        program = replace(RABBITMQ, names=("env",), prepare=lambda setup: words)
        log = stack.enter_context(running(program, Setup(folder, ports["mqtt"], None), patience=120))
        told(log, "Server startup complete")
        yield Rabbit(ports, log, environment)


def told(log: Path, words: str, patience: float = 120) -> None:
    """Waits until a log has the words: a program may listen before it is ready."""
    until = time.monotonic() + patience
    while words not in log.read_text(errors="replace"):
        assert time.monotonic() < until, f"{log} never said {words!r}"
        time.sleep(0.1)


def _environment(folder: Path, ports: dict[str, int], names: int) -> dict[str, str]:
    """A node of our own, which asks our own epmd and not the machine's."""
    return {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "lab@localhost",
        "RABBITMQ_DIST_PORT": str(ports["dist"]),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(folder / "rabbit.pid"),
        "RABBITMQ_FEATURE_FLAGS_FILE": str(folder / "flags"),
    }


def _mosquitto(setup: Setup) -> Sequence[str]:
    path = setup.folder / f"mosquitto-{setup.port}.conf"
    path.write_text(f"listener {setup.port} 127.0.0.1\nallow_anonymous true\nlog_type all\nlog_dest stderr\n")
    return ["-c", str(path)]


MOSQUITTO = Program("mosquitto", ("mosquitto",), "mosquitto", ("-h",), _mosquitto)
