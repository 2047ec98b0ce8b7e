"""The programs' own validators over our fixtures: what they accept is understood, what they complain of we say too."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.products.texts import read

pytestmark = pytest.mark.wire

HAPROXY = """\
global
  hard-stop-after 30s
defaults base
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 1m
  timeout http-keep-alive 65s
defaults slow from base
  timeout server 10m
frontend web from base
  bind 127.0.0.1:18080 tcp-ut 10s
  use_backend app if { path_beg "/a b" }
  default_backend app
backend app from slow
  timeout tunnel 1h
  option http-server-close
  retry-on conn-failure empty-response
  default-server check inter 3s fall 2 pool-purge-delay 2s
  server "a1" 127.0.0.1:18081
  server-template w 3 127.0.0.1:18082
listen pg from base
  mode tcp
  bind 127.0.0.1:15432
  option tcpka
  option pgsql-check user probe
  server db unix@/run/pg.sock check
.if defined(NOTHING)
  timeout client 1s
.endif
"""

APACHE = """\
ServerRoot "{folder}"
PidFile {folder}/pid
ErrorLog {folder}/errors
Listen 127.0.0.1:18090
{modules}
ServerName localhost
KeepAliveTimeout 500ms
ProxyTimeout 20
RequestReadTimeout header=20-40,minrate=500 body=10
<Proxy "balancer://c">
  BalancerMember "http://127.0.0.1:8080" ttl=4 \\
    connectiontimeout=500ms
  ProxySet timeout=1
</Proxy>
<VirtualHost *:18090>
  ServerName a
  ProxyPass "/" "balancer://c/"
  <Location "/api">
    ProxyPass "http://127.0.0.1:8000" ttl=60 acquire=500 keepalive=On
  </Location>
</VirtualHost>
"""

VCL = """\
vcl 4.1;
probe p { .url = "/"; .interval = 10s; .timeout = 1.5s; }
backend app {
  .host = "127.0.0.1"; .port = "8080";
  .connect_timeout = 1s; .first_byte_timeout = 5m; # as long as it takes
  .probe = p;
}
sub vcl_backend_fetch {
  if (bereq.url ~ "^/slow") { set bereq.first_byte_timeout = 600s; }
  set bereq.between_bytes_timeout = 20s;
}
sub vcl_deliver { set resp.http.X = {"long "string"}; }
"""

SQUID = """\
http_port 127.0.0.1:13128 accel defaultsite=a tcpkeepalive=60,30,3
client_idle_pconn_timeout 75 seconds
read_timeout 15 minutes # the default
acl one src 10.0.0.0/8
http_access allow one
cache_peer 127.0.0.1 parent 8080 0 no-query originserver connect-timeout=5 name=app
"""

KEEPALIVED = """\
! a comment
global_defs {
  lvs_timeouts tcp 1800 tcpfin 60 udp 300
}
virtual_server 10.0.0.1 5432 {
  delay_loop 6
  lvs_sched rr
  lvs_method DR
  protocol TCP
  persistence_timeout 50
  real_server 10.0.0.11 5432 {
    weight 1
    TCP_CHECK {
      connect_timeout 3
    }
  }
}
"""


def program(name: str) -> str:
    """The path of a program; the test is skipped, and says why, where it is missing."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def said(*command: str) -> tuple[int, str]:
    """Exit status and everything a validator prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def understood(product: str, name: str, text: str) -> None:
    """Our reader finds nothing wrong with a file either."""
    components, reports = read(product, {name: text})
    assert components
    assert (reports[name].status, reports[name].problems) == ("understood", [])
    assert [issue for component in components for issue in component.issues] == []


def issues(product: str, name: str, text: str) -> list[tuple[str, int]]:
    """The settings our reader complains of, with their lines."""
    components, _ = read(product, {name: text})
    return [(issue.setting, issue.span.start.line) for component in components for issue in component.issues]


def test_haproxy_accepts_the_fixture(tmp_path: Path) -> None:
    path = tmp_path / "haproxy.cfg"
    path.write_text(HAPROXY)
    status, text = said(program("haproxy"), "-c", "-f", str(path))
    assert (status, "WARNING" in text, "ALERT" in text) == (0, False, False), text
    understood("haproxy", "haproxy.cfg", HAPROXY)


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("frontend web from base", "timeout server 9s"),
        ("frontend web from base", "timeout connect 9s"),
        ("backend app from slow", "timeout client 9s"),
    ],
)
def test_haproxy_warns_of_what_we_call_without_effect(tmp_path: Path, section: str, line: str) -> None:
    text = HAPROXY.replace(section, f"{section}\n  {line}")
    path = tmp_path / "haproxy.cfg"
    path.write_text(text)
    name = " ".join(line.split()[:2])
    row = text.splitlines().index(f"  {line}") + 1
    _, output = said(program("haproxy"), "-c", "-f", str(path))
    assert f"haproxy.cfg:{row}] : '{name}' will be ignored" in output
    assert issues("haproxy", "haproxy.cfg", text) == [(name, row)]


@pytest.mark.parametrize("broken", ['  log "open\n', "  server\n", ".endif\n", "frontend x from nowhere\n"])
def test_haproxy_refuses_what_we_report(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "haproxy.cfg"
    path.write_text(HAPROXY + broken)
    row = len(HAPROXY.splitlines()) + 1
    status, _ = said(program("haproxy"), "-c", "-f", str(path))
    _, reports = read("haproxy", {"haproxy.cfg": HAPROXY + broken})
    assert (status, [p.span.start.line for p in reports["haproxy.cfg"].problems]) == (1, [row])


def apache(folder: Path, text: str) -> tuple[str, tuple[int, str]]:
    """The text with its folder and the modules that are there, and what httpd says of it."""
    name = next((name for name in ("apache2", "httpd") if shutil.which(name)), "apache2")
    binary = program(name)
    home = next((p for p in ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules") if Path(p).is_dir()), "")
    if not home:
        pytest.skip("httpd's modules were not found")
    names = ["mpm_event", "authz_core", "proxy", "proxy_http", "slotmem_shm", "proxy_balancer", "lbmethod_byrequests"]
    modules = "\n".join(f"LoadModule {n}_module {home}/mod_{n}.so" for n in [*names, "reqtimeout"])
    filled = text.replace("{folder}", str(folder)).replace("{modules}", modules)
    path = folder / "httpd.conf"
    path.write_text(filled)
    return filled, said(binary, "-t", "-f", str(path))


def test_httpd_accepts_the_fixture(tmp_path: Path) -> None:
    text, (status, output) = apache(tmp_path, APACHE)
    assert status == 0, output
    understood("apache-httpd", "httpd.conf", text)


@pytest.mark.parametrize("broken", ["<Location /x>\n", "</Location>\n", "Include /nowhere/at/all.conf\n"])
def test_httpd_refuses_what_we_report(tmp_path: Path, broken: str) -> None:
    text, (status, _) = apache(tmp_path, APACHE + broken)
    _, reports = read("apache-httpd", {"httpd.conf": text})
    assert status == 1
    assert [p.span.start.line for p in reports["httpd.conf"].problems] == [len(text.splitlines())]


def test_httpd_ignores_units_where_we_say_so(tmp_path: Path) -> None:
    text, (status, _) = apache(tmp_path, APACHE.replace("ProxyTimeout 20", "ProxyTimeout 20ms"))
    row = text.splitlines().index("ProxyTimeout 20ms") + 1
    assert (status, issues("apache-httpd", "httpd.conf", text)) == (0, [("ProxyTimeout", row)])


def varnish(text: str) -> tuple[int, str]:
    """What varnishd's compiler says; it gives up root, so the folder must be open to others."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "default.vcl"
        path.write_text(text)
        path.chmod(0o644)
        return said(program("varnishd"), "-n", f"{folder}/work", "-C", "-f", str(path))


def test_varnish_compiles_the_fixture() -> None:
    status, output = varnish(VCL)
    assert (status, "VCC-compiler failed" in output) == (0, False)
    understood("varnish", "default.vcl", VCL)


@pytest.mark.parametrize("broken", ["sub x { set a = 1 }\n", "}\n", 'include "gone.vcl";\n'])
def test_varnish_refuses_what_we_report(broken: str) -> None:
    _, output = varnish(VCL + broken)
    _, reports = read("varnish", {"default.vcl": VCL + broken})
    assert "VCC-compiler failed" in output or "Cannot read file" in output
    assert {p.span.start.line for p in reports["default.vcl"].problems} == {len(VCL.splitlines()) + 1}


def test_squid_accepts_the_fixture(tmp_path: Path) -> None:
    path = tmp_path / "squid.conf"
    path.write_text(SQUID)
    status, output = said(program("squid"), "-k", "parse", "-f", str(path))
    assert (status, "FATAL" in output, "ERROR" in output) == (0, False, False), output
    understood("squid", "squid.conf", SQUID)


def test_squid_refuses_a_time_without_a_unit(tmp_path: Path) -> None:
    text = SQUID.replace("read_timeout 15 minutes", "read_timeout 900")
    path = tmp_path / "squid.conf"
    path.write_text(text)
    status, output = said(program("squid"), "-k", "parse", "-f", str(path))
    assert (status != 0, "FATAL" in output) == (True, True), output
    assert issues("squid", "squid.conf", text) == [("read_timeout", 3)]


def test_keepalived_accepts_the_fixture(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(KEEPALIVED)
    status, output = said(program("keepalived"), "-t", "-f", str(path))
    assert status == 0, output
    understood("ipvs-keepalived", "keepalived.conf", KEEPALIVED)
