"""What programs that nobody configured say of their own settings: by setting, as the facts call it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import yaml

from tests.wire.lab.brokers import EPMD, MOSQUITTO, RABBITMQ
from tests.wire.lab.brokers import rabbitmq as running_rabbitmq
from tests.wire.lab.databases import MARIADB, POSTGRESQL, database
from tochain.reproduce.programs import Program, Setup, find, free_port, running
from tochain.reproduce.servers import SERVERS

Told = dict[str, str]


def said(program: Program, *words: str) -> str:
    return subprocess.run(
        [find(program), *words], capture_output=True, text=True, timeout=60, check=True, cwd="/"
    ).stdout


def mariadb(folder: Path) -> Told:
    text = said(MARIADB, "--no-defaults", "--verbose", "--help")
    return {name.replace("-", "_"): value for name, value in re.findall(r"^([a-z-]+) +(\d+(?:\.\d+)?)$", text, re.M)}


def postgresql(folder: Path) -> Told:
    """Asked while it runs: `postgres --describe-config` says 0 for every number."""
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed; install the wheel sqlalchemy")
    pytest.importorskip("pg8000", reason="pg8000 is not installed; install the wheel pg8000")
    numbers = sqlalchemy.text("SELECT name, boot_val || COALESCE(unit, 's') FROM pg_settings WHERE vartype = 'integer'")
    with database("postgresql", folder, 0) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as session:
            found = {name: value for name, value in session.execute(numbers) if re.fullmatch(r"\d+m?s", value)}
        engine.dispose()
    return found


def asked(port: int, question: bytes, end: bytes) -> str:
    """What a server with a protocol of lines answers."""
    with socket.create_connection(("127.0.0.1", port), 10) as one:
        one.sendall(question)
        got = b""
        while end not in got:
            got += one.recv(65536)
        return got.decode("latin-1")


def redis(folder: Path) -> Told:
    port = free_port()
    program = replace(REDIS, prepare=lambda setup: ["--port", str(setup.port), "--bind", "127.0.0.1", "--save", ""])
    found = {}
    with running(program, Setup(folder, port, None)):
        for name in ("timeout", "tcp-keepalive", "repl-ping-replica-period", "repl-timeout", "shutdown-timeout"):
            answer = asked(port, b"CONFIG GET " + name.encode() + b"\r\n", b"\r\n").split("\r\n")
            found[name] = answer[4] if len(answer) > 4 else ""
    return found


def memcached(folder: Path) -> Told:
    port = free_port()
    user = ["-u", "nobody"]
    words = ["-l", "127.0.0.1", "-U", "0", *user, "-p", str(port)]
    with running(replace(MEMCACHED, prepare=lambda setup: words), Setup(folder, port, None)):
        answer = asked(port, b"stats settings\r\n", b"END\r\n")
    return dict(re.findall(r"^STAT (\w+) (\S+)\r$", answer, re.M))


REDIS = Program("redis", ("redis-server",), "redis-server", ("--version",), lambda setup: [])
MEMCACHED = Program("memcached", ("memcached",), "memcached", ("--version",), lambda setup: [])


def rabbitmq(folder: Path) -> Told:
    """Erlang's terms, of which each of ours stands on a line of its own; nothing is said of a socket option that is off."""
    with running_rabbitmq(folder) as broker:
        text = broker.said("environment")
    own = text.partition("{rabbit,\n")[2].partition("\n {")[0]
    told = dict(re.findall(r"\{(\w+),(\d+)\}", own))
    in_seconds = ("heartbeat",)
    return {name: value if name in in_seconds else f"{value}ms" for name, value in told.items()}


def prometheus(folder: Path) -> Told:
    """The flags, and the configuration with the defaults of everything in it."""
    port = free_port()
    path = folder / "prometheus.yml"
    path.write_text(
        'remote_write: [{url: "http://127.0.0.1:9/"}]\nremote_read: [{url: "http://127.0.0.1:9/"}]\n'
        'alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:9"]}]}]}\n'
    )
    words = [f"--config.file={path}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"]
    with running(replace(PROMETHEUS, prepare=lambda setup: words), Setup(folder, port, None)):
        flags = answered(f"http://127.0.0.1:{port}/api/v1/status/flags")
        text = answered(f"http://127.0.0.1:{port}/api/v1/status/config")["yaml"]
    config = yaml.safe_load(text)
    written, queue = config["remote_write"][0], config["remote_write"][0]["queue_config"]
    return {
        **{f"--{name}": value for name, value in flags.items() if re.fullmatch(r"(\d+[a-z]+)+", value)},
        **{name: value for name, value in config["global"].items() if name.endswith(("interval", "timeout"))},
        "remote_write.remote_timeout": written["remote_timeout"],
        "remote_write.queue_config.batch_send_deadline": queue["batch_send_deadline"],
        "remote_write.queue_config.min_backoff": queue["min_backoff"],
        "remote_read.remote_timeout": config["remote_read"][0]["remote_timeout"],
        "alertmanagers.timeout": config["alerting"]["alertmanagers"][0]["timeout"],
    }


def answered(url: str) -> Any:
    """The data of an answer of Prometheus, which says 503 until it has read what it stored."""
    for _ in range(100):
        try:
            with urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except HTTPError as error:
            error.close()
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url}")


def mosquitto(folder: Path) -> Told:
    """What a bridge and the command-line client ask for in their CONNECT."""
    told = {}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        port = free_port()
        bridge = f"connection b\naddress 127.0.0.1:{listener.getsockname()[1]}\ntopic # out\n"
        path = folder / "bridge.conf"
        path.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n{bridge}")
        with running(replace(MOSQUITTO, prepare=lambda setup: ["-c", str(path)]), Setup(folder, port, None)):
            told["keepalive_interval"] = keepalive(listener)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        words = [find(MOSQUITTO_SUB), "-p", str(listener.getsockname()[1]), "-h", "127.0.0.1", "-t", "a"]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            told["-k"] = keepalive(listener)
        finally:
            process.kill()
            process.wait()
    return told


def keepalive(listener: socket.socket) -> str:
    """The seconds in the CONNECT of the next client of MQTT."""
    one, _ = listener.accept()
    with one:
        one.settimeout(30)
        packet = one.recv(1000)
    assert packet[0] == 0x10 and packet[1] < 0x80
    name = int.from_bytes(packet[2:4], "big")
    return str(int.from_bytes(packet[6 + name : 8 + name], "big"))


NODE = """\
const http = require("http"), server = http.createServer();
const told = {"globalAgent.timeout": http.globalAgent.options.timeout ?? 0, "keepAliveMsecs": http.globalAgent.keepAliveMsecs};
for (const name of ["keepAliveTimeout", "headersTimeout", "requestTimeout", "timeout", "keepAliveTimeoutBuffer"])
  if (server[name] !== undefined) told["server." + name] = server[name];
console.log(JSON.stringify(told));
"""


def node(folder: Path) -> Told:
    return {name: f"{value}ms" for name, value in json.loads(said(NODE_PROGRAM, "-e", NODE)).items()}


RUBY_PUMA = """\
require "puma"; require "puma/configuration"; require "puma/server"
c = Puma::Configuration.new; c.load
%i[persistent_timeout first_data_timeout worker_timeout worker_shutdown_timeout idle_timeout].each do |name|
  value = c.options[name] || (Puma::Const.const_get(name.upcase) rescue nil)
  puts "#{name}=#{value}" if value
end
puts "(write timeout)=#{Puma::Const::WRITE_TIMEOUT}"
"""
RUBY_UNICORN = 'require "unicorn"; puts "timeout=#{Unicorn::Configurator::DEFAULTS[:timeout]}"'


def ruby(text: str) -> Callable[[Path], Told]:
    return lambda folder: lines(said(RUBY, "-e", text))


def lines(text: str) -> Told:
    return dict(re.findall(r"^(.+?)=(\S+)$", text, re.M))


JAVA = """\
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.*;
import org.apache.coyote.http2.Http2Protocol;
public class Ask {
  static void tell(String name, Object value) { System.out.println(name + "=" + value + "ms"); }
  public static void main(String[] words) throws Exception {
    Connector c = new Connector();
    for (String name : new String[] {"connectionTimeout", "connectionUploadTimeout", "executorTerminationTimeoutMillis"})
      tell(name, c.getProperty(name));
    tell("asyncTimeout", c.getAsyncTimeout());
    tell("gracefulStopAwaitMillis", new StandardService().getGracefulStopAwaitMillis());
    tell("unloadDelay", new StandardContext().getUnloadDelay());
    Http2Protocol h = new Http2Protocol();
    tell("UpgradeProtocol keepAliveTimeout", h.getKeepAliveTimeout());
    tell("UpgradeProtocol readTimeout", h.getReadTimeout());
    tell("UpgradeProtocol writeTimeout", h.getWriteTimeout());
    tell("UpgradeProtocol streamReadTimeout", h.getStreamReadTimeout());
    tell("UpgradeProtocol streamWriteTimeout", h.getStreamWriteTimeout());
  }
}
"""


def tomcat(folder: Path) -> Told:
    """-1 is never."""
    path = folder / "Ask.java"
    path.write_text(JAVA)
    home = Path(SERVERS["tomcat"].needs)
    jars = ":".join(str(one) for place in ("lib", "bin") for one in sorted((home / place).glob("*.jar")))
    told = lines(said(SERVERS["tomcat"], "-cp", jars, str(path)).replace("=-1ms", "=0ms"))
    return {name: value for name, value in told.items() if value != "nullms"}


GO = """\
package main

import (
	"fmt"
	"net/http"
)

func main() {
	t, c, s := http.DefaultTransport.(*http.Transport), http.DefaultClient, &http.Server{}
	fmt.Printf("Transport.IdleConnTimeout=%d\\n", t.IdleConnTimeout.Milliseconds())
	fmt.Printf("Transport.TLSHandshakeTimeout=%d\\n", t.TLSHandshakeTimeout.Milliseconds())
	fmt.Printf("Transport.ResponseHeaderTimeout=%d\\n", t.ResponseHeaderTimeout.Milliseconds())
	fmt.Printf("Client.Timeout=%d\\n", c.Timeout.Milliseconds())
	fmt.Printf("Server.ReadTimeout=%d\\n", s.ReadTimeout.Milliseconds())
	fmt.Printf("Server.WriteTimeout=%d\\n", s.WriteTimeout.Milliseconds())
}
"""


def go(folder: Path) -> Told:
    path = folder / "ask.go"
    path.write_text(GO)
    made = {"GOCACHE": str(folder / "made"), "GOPATH": str(folder / "made")}
    words = [find(SERVERS["go-net-http"]), "run", str(path)]
    done = subprocess.run(words, env={**os.environ, **made}, capture_output=True, text=True, timeout=300, check=True)
    return {name: f"{value}ms" for name, value in lines(done.stdout).items()}


PROMETHEUS = Program("prometheus", ("prometheus",), "prometheus", ("--version",), lambda setup: [])
MOSQUITTO_SUB = Program("mosquitto_sub", ("mosquitto_sub",), "mosquitto-clients", (), lambda setup: [])
RUBY = Program("ruby", ("ruby",), "ruby", ("--version",), lambda setup: [])
UNICORN = Program("unicorn", ("unicorn",), "unicorn", ("--version",), lambda setup: [])
NODE_PROGRAM = SERVERS["nodejs-http"]

TELL: dict[str, tuple[Callable[[Path], Told], tuple[Program, ...]]] = {
    "mariadb": (mariadb, (MARIADB,)),
    "postgresql": (postgresql, (POSTGRESQL,)),
    "redis": (redis, (REDIS,)),
    "memcached": (memcached, (MEMCACHED,)),
    "rabbitmq": (rabbitmq, (RABBITMQ, EPMD)),
    "prometheus": (prometheus, (PROMETHEUS,)),
    "mqtt-mosquitto": (mosquitto, (MOSQUITTO, MOSQUITTO_SUB)),
    "nodejs-http": (node, (NODE_PROGRAM,)),
    "node-http-agent": (node, (NODE_PROGRAM,)),
    "puma": (ruby(RUBY_PUMA), (SERVERS["puma"], RUBY)),
    "unicorn": (ruby(RUBY_UNICORN), (UNICORN, RUBY)),
    "tomcat": (tomcat, (SERVERS["tomcat"],)),
    "go-net-http": (go, (SERVERS["go-net-http"],)),
}
"""By product: what it tells, and the programs it takes, the one whose version counts first."""
