"""What nginx, HAProxy, Varnish, Squid, Traefik and Envoy say of themselves, and what their validators say of our whole repositories."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.products.texts import read
from tests.wire.test_modern_proxies import asked, filled, program, running, seen
from tests.wire.test_validators import said
from tochain.model.limit import format_duration, parse_duration
from tochain.products.facts import load
from tochain.products.values import fact_value
from tochain.reproduce.clients import CLIENTS
from tochain.reproduce.programs import Missing, find

pytestmark = pytest.mark.wire

REPOS = Path(__file__).parents[2] / "fixtures" / "repos"
NGINX = """\
events {}
http {
    keepalive_timeout 20s;
    include upstreams.conf;
    server {
        listen 127.0.0.1:18070;
        server_name shop.example;
        proxy_read_timeout 90s;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        location / { proxy_pass http://shop; }
        location /feed { proxy_pass http://shop; proxy_read_timeout 1h; }
    }
}
"""
UPSTREAMS = "upstream shop { server 127.0.0.1:18071; keepalive 4; keepalive_timeout 9s; }\n"


def nginx(folder: Path, *options: str) -> tuple[int, str]:
    """What nginx says of the nginx.conf of a folder."""
    try:
        binary = find(CLIENTS["nginx"])
    except Missing as missing:
        pytest.skip(str(missing))
    (folder / "logs").mkdir(exist_ok=True)
    return said(binary, "-p", str(folder), "-e", "stderr", "-c", "nginx.conf", "-g", "pid nginx.pid;", *options)


def test_nginx_prints_the_files_we_put_together(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(NGINX)
    (tmp_path / "upstreams.conf").write_text(UPSTREAMS)
    status, text = nginx(tmp_path, "-T")
    assert status == 0, text
    ours, reports = read("nginx", {"nginx.conf": NGINX, "upstreams.conf": UPSTREAMS})
    assert {report.status for report in reports.values()} == {"understood"}
    parts = re.split(r"(?m)^# configuration file (?:\S*/)?([^/\s]+):$", text)
    printed = {name: part.strip("\n") + "\n" for name, part in zip(parts[1::2], parts[2::2], strict=True)}
    theirs, _ = read("nginx", printed)
    assert seen(theirs) == seen(ours)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("keepalive_timeout 20s;", "keepalive_timeout soon;"),
        ("keepalive_timeout 20s;", "keepalive_timeout 20s"),
        ("include upstreams.conf;", "include gone.conf;"),
        ("include upstreams.conf;", "upstream shop { server 127.0.0.1; } upstream shop { server 127.0.0.2; }"),
        ("proxy_read_timeout 90s;", "proxy_read_timeout -1;"),
        ("    }\n}\n", "    }\n"),
    ],
)
def test_nginx_refuses_what_we_report(tmp_path: Path, old: str, new: str) -> None:
    files = {"nginx.conf": NGINX.replace(old, new, 1), "upstreams.conf": UPSTREAMS}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    status, output = nginx(tmp_path, "-t")
    components, reports = read("nginx", files)
    problems = [problem for report in reports.values() for problem in report.problems]
    issues = [issue for component in components for issue in component.issues]
    assert (status, bool(problems or issues)) == (1, True), output


HAPROXY = """\
global
  stats socket {folder}/admin level admin
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend web
  bind 127.0.0.1:{port}
  use_backend slow if { path_beg /slow }
  default_backend app
backend app
  default-server check inter 3s
  server a1 127.0.0.1:18081
  server a2 127.0.0.1:18082
backend slow
  server-template w 3 127.0.0.1:18083
listen pg
  mode tcp
  bind 127.0.0.1:{second}
  server db 127.0.0.1:15432
"""


def test_haproxy_names_the_servers_we_link_to(tmp_path: Path) -> None:
    text, _ = filled(HAPROXY.replace("{port}", "LISTEN").replace("{second}", "SECOND"))
    text = text.replace("{folder}", str(tmp_path))
    path, admin = tmp_path / "haproxy.cfg", tmp_path / "admin"
    path.write_text(text)
    with running(program("haproxy"), "-f", str(path), log=tmp_path / "log"):
        state = answered(admin, "show servers state")
    rows = [row.split() for row in state.splitlines()[2:] if row]
    theirs = {(row[1], row[4], int(row[18])) for row in rows}
    components, _ = read("haproxy", {"haproxy.cfg": text})
    ours = {
        (link.label.removeprefix("backend ").removeprefix("listen "), link.target.host, link.target.port)
        for component in components
        for link in component.links
    }
    assert ours == theirs


def answered(admin: Path, command: str) -> str:
    """What HAProxy answers on its socket, once it is there."""
    for _ in range(100):
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5)
                line.connect(str(admin))
                line.sendall(f"{command}\n".encode())
                parts = iter(lambda: line.recv(65536), b"")
                return b"".join(parts).decode()
        except (FileNotFoundError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("HAProxy never opened its socket")


def test_varnish_has_the_defaults_of_our_facts() -> None:
    _, text = said(program("varnishd"), "-x", "parameter")
    sections = (section.partition(":")[::2] for section in text.split(".. _ref_param_")[1:])
    found = ((name, re.search(r"Units: seconds\n\t\* Default: ([\d.]+)\n", section)) for name, section in sections)
    theirs = {name: match[1] for name, match in found if match is not None}
    known = load("varnish")
    assert known is not None
    compared = []
    for row in known.settings:
        if row.setting in theirs and row.unit == "s" and len(row.defaults) == 1:
            ours = fact_value(row.defaults[0].value, "s", "time")
            assert ours == parse_duration(f"{float(theirs[row.setting]):g}s"), row.setting
            compared.append(row.setting)
    assert {"timeout_idle", "connect_timeout", "first_byte_timeout", "between_bytes_timeout"} <= set(compared)


# Squid 5.7 dies while it tells its configuration where no logformat is defined.
SQUID = """\
http_port 127.0.0.1:LISTEN
pid_filename none
cache_log /dev/null
access_log none
logformat own %>a
cache deny all
coredump_dir none
cachemgr_passwd none config
http_access allow localhost manager
http_access deny all
client_idle_pconn_timeout 90 seconds
pconn_lifetime 10 minutes
read_timeout 20 minutes
connect_timeout 7 seconds
server_idle_pconn_timeout 25 seconds
half_closed_clients on
forward_max_tries 6
cache_peer 127.0.0.1 parent SECOND 0 no-query originserver connect-timeout=3 connect-fail-limit=4
"""


def test_squid_has_the_values_of_our_facts(tmp_path: Path) -> None:
    text, _ = filled(SQUID)
    path = tmp_path / "squid.conf"
    path.write_text(text)
    port = re.search(r"http_port \S+:(\d+)", text)
    assert port is not None
    with running(program("squid"), "-N", "-f", str(path), log=tmp_path / "log"):
        told = page(f"http://127.0.0.1:{port[1]}/squid-internal-mgr/config")
    theirs = dict(line.split(" ", 1) for line in told.splitlines() if " " in line.strip())
    (component,), _ = read("squid", {"squid.conf": text})
    facts = [fact for found in component.facts.values() for fact in found]
    compared = {f.setting: (f.value, told_by_squid(theirs[f.setting])) for f in facts if f.setting in theirs}
    assert {name: pair for name, pair in compared.items() if pair[0] != pair[1]} == {}
    assert len(compared) >= 15
    (link,) = component.links
    own = [link.facts[name][0].value for name in ("connect.connect", "lifecycle.health_fail_count")]
    assert re.search(r"connect-timeout=3 connect-fail-limit=4\b", theirs["cache_peer"])
    assert own == ["3s", "4"]


def told_by_squid(text: str) -> str:
    """A value of Squid's as we show it: it tells times in seconds."""
    number, _, unit = text.strip().partition(" ")
    return format_duration(parse_duration(f"{number}s")) if unit == "seconds" else number


STREAMS = """\
admin: {address: {socket_address: {address: 127.0.0.1, port_value: ADMIN}}}
static_resources:
  listeners:
  - name: edge
    address: {socket_address: {address: 127.0.0.1, port_value: LISTEN}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: edge
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - {match: {prefix: /plain}, route: {cluster: app, timeout: 0.3s}}
              - match: {prefix: /own}
                route: {cluster: app, timeout: 0.3s, max_stream_duration: {max_stream_duration: 0s}}
  clusters:
  - name: app
    type: STATIC
    load_assignment:
      cluster_name: app
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: SECOND}}}}]}]
"""


class _Slow(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        time.sleep(1)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def slow(port: int) -> Iterator[None]:
    """A server that answers after a second."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Slow)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def page(url: str) -> str:
    """What a program answers, once it does."""
    for _ in range(100):
        try:
            with urlopen(url, timeout=5) as found:
                return str(found.read().decode(errors="replace"))
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}")


def answer(url: str) -> int:
    """The status of an answer, once somebody answers."""
    for _ in range(100):
        try:
            with urlopen(url, timeout=5) as found:
                return int(found.status)
        except HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}")


def test_envoy_does_not_look_at_the_timeout_of_a_route_with_a_longest_stream(tmp_path: Path) -> None:
    text, _ = filled(STREAMS)
    path = tmp_path / "envoy.yaml"
    path.write_text(text)
    ports = [int(found) for found in re.findall(r"port_value: (\d+)", text)]
    with slow(ports[2]), running(program("envoy"), "-c", str(path), "--use-dynamic-base-id", log=tmp_path / "log"):
        statuses = [answer(f"http://127.0.0.1:{ports[1]}/{route}") for route in ("plain", "own")]
    (component,), _ = read("envoy", {"envoy.yaml": text})
    limits = [link.facts["connect.request_total"][0].value for link in component.links]
    assert (statuses, limits) == ([504, 200], ["300ms", "never"])


SERVICES = """\
http:
  routers:
    shop: {rule: "Host(`shop.example`)", service: shop, entryPoints: [web]}
    docs: {rule: "Host(`docs.example`)", service: both, entryPoints: [web], middlewares: [again]}
  middlewares: {again: {retry: {attempts: 3}}}
  services:
    shop:
      loadBalancer:
        servers: [{url: "http://127.0.0.1:18091"}, {url: "https://127.0.0.1:18092"}]
        healthCheck: {path: /ready, interval: 7s, timeout: 2s}
    pages: {loadBalancer: {servers: [{url: "http://127.0.0.1:18093"}], healthCheck: {path: /, interval: 4s, timeout: 1s}}}
    both: {weighted: {services: [{name: shop, weight: 1}, {name: pages, weight: 9}]}}
"""
STATIC = """\
entryPoints:
  web: {address: "127.0.0.1:LISTEN"}
  traefik: {address: "127.0.0.1:ADMIN"}
api: {insecure: true}
providers: {file: {filename: FILE}}
"""


def test_traefik_leads_where_we_link_to_and_checks_as_we_say(tmp_path: Path) -> None:
    routes, path, log = tmp_path / "routes.yml", tmp_path / "traefik.yml", tmp_path / "log"
    routes.write_text(SERVICES)
    text, port = filled(STATIC, FILE=str(routes))
    path.write_text(text)
    with running(program("traefik"), f"--configFile={path}", log=log):
        services = asked(f"http://127.0.0.1:{port}/api/http/services", log, "both@file")
        routers = asked(f"http://127.0.0.1:{port}/api/http/routers", log, "docs@file")
    assert isinstance(services, list) and isinstance(routers, list)
    balancers = {service["name"].removesuffix("@file"): service.get("loadBalancer") for service in services}
    parts = {service["name"].removesuffix("@file"): service.get("weighted") for service in services}
    theirs = set()
    for router in (router for router in routers if router["provider"] == "file"):
        name = router["service"]
        behind = [part["name"] for part in parts[name]["services"]] if parts[name] else [name]
        for one in behind:
            theirs |= {(router["rule"], urlsplit(server["url"]).netloc) for server in balancers[one]["servers"]}
    components, _ = read("traefik", {"traefik.yml": text, "routes.yml": SERVICES})
    (web,) = (component for component in components if component.links)
    rules = {router["name"].removesuffix("@file"): router["rule"] for router in routers}
    ours = {(rules[name], str(link.target)) for link in web.links for name in rules if name in link.label.split()}
    assert ours == theirs
    checks = [balancers[name]["healthCheck"] for name in ("shop", "pages")]
    for timer, name in (("lifecycle.health_interval", "interval"), ("lifecycle.health_timeout", "timeout")):
        told = {str(parse_duration(check[name])) for check in checks}
        assert {str(fact.limit) for fact in web.facts[timer]} == told, timer


def commands(path: Path) -> list[str] | None:
    """The validator of a file of our repositories; None where it needs what only its host has."""
    name, text = path.name, path.read_text(encoding="utf-8")
    if name.endswith(".cfg") and "frontend" in text:
        return ["haproxy", "-c", "-f", str(path)]
    if name == "keepalived.conf":
        return ["keepalived", "-t", "-f", str(path)]
    if name == "squid.conf":
        return ["squid", "-k", "parse", "-f", str(path)]
    if name == "Caddyfile":
        return ["caddy", "adapt", "--config", str(path), "--adapter", "caddyfile"]
    if name.startswith("envoy") and "static_resources" in text:
        return ["envoy", "--mode", "validate", "-c", str(path)]
    return None


CHECKED = [path for path in sorted(REPOS.rglob("*")) if path.is_file() and commands(path) is not None]


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: path.relative_to(REPOS).as_posix())
def test_programs_accept_the_files_of_our_repositories(path: Path) -> None:
    first, *rest = commands(path) or ["nothing"]
    done = subprocess.run([program(first), *rest], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
