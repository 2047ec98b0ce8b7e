"""Envoy, Caddy and Traefik over our fixtures: their validators, and their effective values against our facts."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.products.texts import read
from tochain.model.limit import parse_duration
from tochain.products.facts import load
from tochain.products.values import fact_value

pytestmark = pytest.mark.wire

ENVOY = """\
admin: {address: {socket_address: {address: 127.0.0.1, port_value: ADMIN}}}
static_resources:
  listeners:
  - name: edge
    address: {socket_address: {address: 127.0.0.1, port_value: LISTEN}}
    socket_options: [{level: 1, name: 9, int_value: 1, state: STATE_PREBIND}]
    filter_chains:
    - transport_socket_connect_timeout: 7s
      filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: edge
          stream_idle_timeout: 120s
          common_http_protocol_options: {idle_timeout: 900s}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
          route_config:
            name: all
            virtual_hosts:
            - name: shop
              domains: ["*"]
              retry_policy: {retry_on: connect-failure, num_retries: 4}
              routes:
              - match: {prefix: /api}
                route: {cluster: api, timeout: 20s, retry_policy: {retry_on: "reset,5xx", num_retries: 2, per_try_timeout: 6s}}
              - match: {prefix: /feed}
                route: {cluster: api, timeout: 0s, idle_timeout: 3600s, max_stream_duration: {max_stream_duration: 7200s}}
  - name: db
    address: {socket_address: {address: 127.0.0.1, port_value: SECOND}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.tcp_proxy
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          stat_prefix: db
          cluster: api
          idle_timeout: 600s
  clusters:
  - name: api
    type: STRICT_DNS
    connect_timeout: 0.25s
    upstream_connection_options: {tcp_keepalive: {keepalive_time: 60}}
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        common_http_protocol_options: {idle_timeout: 4s, max_connection_duration: 3600s}
        explicit_http_config: {http2_protocol_options: {connection_keepalive: {interval: 30s, timeout: 5s}}}
    load_assignment:
      cluster_name: api
      endpoints:
      - lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 9}}}}]
    health_checks:
    - {interval: 10s, timeout: 2s, unhealthy_threshold: 3, healthy_threshold: 1, http_health_check: {path: /}}
"""

CADDYFILE = """\
{
	grace_period 20s
	http_port 8080
	servers {
		timeouts {
			idle 90s
			read_header 5s
		}
	}
	servers :9000 {
		timeouts {
			idle 10s
		}
	}
}

(upstream) {
	transport http {
		keepalive {args[0]}
		response_header_timeout 30s
		dial_timeout 700ms
	}
}

http://shop.example {
	handle /api/* {
		reverse_proxy app:3000 app2:3000 {
			lb_retries 2
			lb_try_interval 100ms
			import upstream 4s
			health_uri /healthz
			health_interval 5s
		}
	}
	php_fastcgi unix//run/php.sock {
		read_timeout 40s
	}
}

:9000 {
	reverse_proxy h2c://grpc:50051
	reverse_proxy /auth/* https://auth.internal {
		stream_timeout 1d
		transport http {
			keepalive off
			tls_server_name auth.example
		}
	}
}
"""

TRAEFIK = """\
entryPoints:
  plain: {address: "127.0.0.1:LISTEN"}
  slow:
    address: "127.0.0.1:SECOND"
    transport:
      respondingTimeouts: {idleTimeout: 620s, writeTimeout: 90}
      lifeCycle: {requestAcceptGraceTimeout: 15}
      keepAliveMaxRequests: 1000
  traefik: {address: "127.0.0.1:ADMIN"}
api: {insecure: true}
providers: {file: {filename: FILE}}
"""
ROUTES = """\
http:
  routers: {shop: {rule: "PathPrefix(`/`)", service: shop, middlewares: [again], entryPoints: [slow]}}
  middlewares: {again: {retry: {attempts: 3, initialInterval: 100ms}}}
  services: {shop: {loadBalancer: {serversTransport: short, servers: [{url: "http://127.0.0.1:9"}]}}}
  serversTransports: {short: {forwardingTimeouts: {idleConnTimeout: 3s}}}
"""


def program(name: str) -> str:
    """The path of a program; the test is skipped, and says why, where it is missing."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which(name) or shutil.which(name, path=beside)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def filled(text: str, **more: str) -> tuple[str, int]:
    """A configuration with free ports of loopback in it, and the port of its administration."""
    for name in ("ADMIN", "LISTEN", "SECOND"):
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        text = text.replace(name, str(port))
        more.setdefault(name, str(port))
    for name, value in more.items():
        text = text.replace(name, value)
    return text, int(more["ADMIN"])


@contextmanager
def running(*command: str, log: Path) -> Iterator[None]:
    """The program while it is asked; ended by its own handle."""
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def asked(url: str, log: Path, about: str = "") -> object:
    """The JSON a program answers with, as soon as it answers and knows what it is asked about."""
    for _ in range(100):
        try:
            with urlopen(url, timeout=5) as answer:
                text = answer.read().decode()
            if about in text:
                return json.loads(text)
        except (URLError, ConnectionError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"no answer from {url}:\n{log.read_text()[-2000:]}")


def timers(facts):
    """Timers with their values, without places and origins."""
    return {timer: [fact.value for fact in found] for timer, found in facts.items()}


def seen(components):
    """What was read of each component: where it listens, its timers, its links with theirs."""
    return [
        (
            sorted(str(address) for address in c.listens),
            timers(c.facts),
            sorted((str(link.target), link.protocol, sorted(timers(link.facts).items())) for link in c.links),
        )
        for c in components
    ]


def test_envoy_accepts_the_fixture_and_its_dump_says_the_same(tmp_path: Path) -> None:
    envoy = program("envoy")
    text, port = filled(ENVOY)
    path, log = tmp_path / "envoy.yaml", tmp_path / "log"
    path.write_text(text)
    done = subprocess.run(
        [envoy, "--mode", "validate", "-c", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with running(envoy, "-c", str(path), "--use-dynamic-base-id", log=log):
        dump = asked(f"http://127.0.0.1:{port}/config_dump?include_eds", log)
    written, reports = read("envoy", {"envoy.yaml": text})
    assert reports["envoy.yaml"].status == "understood"
    dumped, _ = read("envoy", {"dump.json": json.dumps(dump)})
    assert all(component.versions.known for component in dumped)
    assert sorted(map(str, seen(dumped))) == sorted(map(str, seen(written)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("timeout: 20s", "timeout: 20"),
        ("timeout: 20s", "timeout: 5m"),
        ("connect_timeout: 0.25s", "connect_timeout: 250ms"),
        ("stream_idle_timeout: 120s", "stream_idle_timeout: 2m"),
    ],
)
def test_envoy_refuses_what_we_call_out_of_range(tmp_path: Path, old: str, new: str) -> None:
    text, _ = filled(ENVOY.replace(old, new, 1))
    path = tmp_path / "envoy.yaml"
    path.write_text(text)
    done = subprocess.run(
        [program("envoy"), "--mode", "validate", "-c", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    components, _ = read("envoy", {"envoy.yaml": text})
    refused = {i.value for component in components for i in component.issues if i.kind == "setting-out-of-range"}
    assert (done.returncode != 0, refused) == (True, {new.partition(": ")[2]})


def test_caddy_adapts_the_fixture_to_json_that_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "Caddyfile"
    path.write_text(CADDYFILE)
    command = [program("caddy"), "adapt", "--config", str(path), "--adapter", "caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    ours, reports = read("caddy", {"Caddyfile": CADDYFILE})
    assert reports["Caddyfile"].status == "understood"
    theirs, _ = read("caddy", {"caddy.json": done.stdout})
    assert sorted(map(str, seen(theirs))) == sorted(map(str, seen(ours)))


@pytest.mark.parametrize(
    "broken", [":80 {\n\trespond ok\n", ":80 {\n\timport nothing\n}\n", ':80 {\n\trespond "ok\n}\n', ":80 {\n}\n}\n"]
)
def test_caddy_refuses_what_we_report(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "Caddyfile"
    path.write_text(broken)
    command = [program("caddy"), "adapt", "--config", str(path), "--adapter", "caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    _, reports = read("caddy", {"Caddyfile": broken})
    assert (done.returncode, len(reports["Caddyfile"].problems)) == (1, 1), done.stderr


def test_traefik_accepts_the_fixture_and_its_api_says_the_same(tmp_path: Path) -> None:
    routes = tmp_path / "routes.yml"
    routes.write_text(ROUTES)
    text, port = filled(TRAEFIK, FILE=str(routes))
    path, log = tmp_path / "traefik.yml", tmp_path / "log"
    path.write_text(text)
    with running(program("traefik"), f"--configFile={path}", log=log):
        points = asked(f"http://127.0.0.1:{port}/api/entrypoints", log)
        version = asked(f"http://127.0.0.1:{port}/api/version", log)
        data = asked(f"http://127.0.0.1:{port}/api/rawdata", log, "shop@file")
    assert isinstance(points, list) and isinstance(version, dict) and isinstance(data, dict)
    ours, _ = read("traefik", {"traefik.yml": text, "routes.yml": ROUTES})
    by_port = {str(c.listens[0]): c for c in ours}
    names = {
        "accept.idle_close": ("respondingTimeouts", "idleTimeout"),
        "accept.drain": ("lifeCycle", "graceTimeOut"),
        "lifecycle.pre_stop": ("lifeCycle", "requestAcceptGraceTimeout"),
        "accept.request_total": ("respondingTimeouts", "writeTimeout"),
    }
    compared = 0
    for point in points:
        component = by_port.get(point["address"])
        if component is None:
            continue
        for timer, (group, name) in names.items():
            theirs = point["transport"][group].get(name, "")
            fact = component.facts[timer][0]
            assert str(fact.limit) == str(parse_duration(theirs)) if theirs else fact.value in ("never", "off"), (
                timer,
                theirs,
            )
            compared += 1
        read_limit = component.facts["accept.request_read"][0]
        assert point["transport"]["respondingTimeouts"]["readTimeout"] == "1m0s"
        assert "60s" in read_limit.value
    assert compared == 8
    assert data["routers"]["shop@file"]["status"] == "enabled"
    retry = data["middlewares"]["again@file"]["retry"]
    assert (retry["attempts"], retry["initialInterval"]) == (3, "100ms")
    known = load("traefik")
    assert known is not None and re.match(r"\d+\.", version["Version"])
    default = next(row for row in known.settings if row.setting == "respondingTimeouts.idleTimeout").defaults[-1]
    plain = next(point for point in points if point["name"] == "plain")
    assert fact_value(default.value, "s", "time") == parse_duration(
        plain["transport"]["respondingTimeouts"]["idleTimeout"]
    )
