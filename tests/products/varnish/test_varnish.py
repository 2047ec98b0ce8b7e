"""Varnish: parameters from command lines, attributes and overrides of backends; with places."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span

VCL = """\
vcl 4.1;
probe p { .interval = 10s; .timeout = 1.5s; }
backend none none;
backend app {
  .host = "app"; .port = "8080";
  .connect_timeout = 1s; .first_byte_timeout = 5m;
  .probe = p;
}
backend sock { .path = "/run/app.sock"; .probe = { .threshold = 4; } }
backend open { .host = "${HOST}"; }
sub vcl_backend_fetch {
  if (bereq.url ~ "^/slow") { set bereq.first_byte_timeout = 600s; }
  set bereq.between_bytes_timeout = 20s;
}
"""


def test_a_component_and_its_backends() -> None:
    [component], reports = read("varnish", {"cache/default.vcl": VCL})
    assert (component.key, component.name, component.kind, component.scope, [str(a) for a in component.listens]) == (
        "varnish:cache/default.vcl#varnish",
        "varnish",
        "proxy",
        "dir:cache",
        ["*:80"],
    )
    assert settings(component.settings) == [
        "connect_timeout = 1s @ 6:3-24",
        "first_byte_timeout = 5m @ 6:26-50",
        "first_byte_timeout = 600s @ 12:31-66",
        "between_bytes_timeout = 20s @ 13:3-40",
        "probe = on @ 7:3-13",
        "probe = on @ 9:41-49",
        ".interval = 10s @ 2:11-26",
        ".timeout = 1.5s @ 2:28-43",
        ".threshold = 4 @ 9:52-66",
    ]
    assert links(component) == [
        "app:8080 http backend app @ 5:3",
        "unix:/run/app.sock http backend sock @ 9:1",
        "the address is filled in from ${HOST}:80 http backend open @ 10:16",
    ]
    assert reports["cache/default.vcl"].problems == []


def test_timers_of_the_side_of_clients_and_of_a_backend() -> None:
    [component], _ = read("varnish", {"default.vcl": VCL})
    assert facts(component.facts, "accept.idle_close", "accept.stream_idle", "lifecycle.health_interval") == [
        "accept.idle_close = 5s (timeout_idle, default @ 1:1)",
        "accept.stream_idle = 60s (pipe_timeout, default @ 1:1)",
        "lifecycle.health_interval = 10s (.interval, written @ 2:11)",
    ]
    assert facts(component.links[0].facts) == [
        "connect.connect = 1s (connect_timeout, written @ 6:3)",
        "connect.response_header = 300s (first_byte_timeout, written @ 6:26)",
        "connect.response_header = 600s (first_byte_timeout, written @ 12:31)",
        "connect.read_stall = 20s (between_bytes_timeout, written @ 13:3)",
        "connect.request_total = never ((no such setting), fixed @ 1:1)",
        "connect.idle_keep = 60s (backend_idle_timeout, default @ 1:1)",
        "connect.stale_retry = idempotent ((stale reuse), fixed @ 1:1)",
        "connect.attempts = 1 (max_retries, default @ 1:1)",
        "connect.pool_wait = 0s (backend_wait_timeout, default @ 1:1)",
        "connect.dns_ttl = never ((resolved once), fixed @ 1:1)",
        "lifecycle.health_interval = 10s (.interval, written @ 2:11)",
        "lifecycle.health_timeout = 1500ms (.timeout, written @ 2:28)",
    ]
    assert [t for t in component.links[2].facts if t.startswith("lifecycle.")] == []


def test_a_workload_gives_parameters_listeners_and_variables() -> None:
    at = Span("compose.yaml", Pos(5, 5), Pos(5, 9))
    cache = workload(
        "cache",
        "varnish:7.5.0",
        "varnishd -F -f /etc/varnish/default.vcl -a http=:8080,HTTP -a :8443,PROXY"
        " -p timeout_idle=75 -pbackend_idle_timeout=4s",
        mounts={"cache/default.vcl": "/etc/varnish/default.vcl"},
        env={"HOST": Word("web", at)},
    )
    [component], _ = read("varnish", {"cache/default.vcl": VCL}, cache)
    assert (component.name, str(component.versions), [str(a) for a in component.listens]) == (
        "cache",
        "7.5.0",
        ["*:8080", "*:8443"],
    )
    assert facts(component.facts, "accept.idle_close", "connect.idle_keep") == [
        "accept.idle_close = 75s (timeout_idle, written @ 1:1)",
        "connect.idle_keep = 4s (backend_idle_timeout, written @ 1:1)",
    ]
    assert links(component)[2] == "web:80 http backend open @ 10:16"


def test_a_workload_without_vcl_has_its_backend_on_the_command_line() -> None:
    [component], _ = read("varnish", {}, workload("cache", "varnish:8.0", "varnishd -a :80 -b app:3000"))
    assert (component.key, links(component)) == (
        "varnish:compose:compose.yaml#cache#varnish",
        ["app:3000 http varnishd -b @ 1:1"],
    )


def test_a_file_of_options_beside_the_vcl() -> None:
    found, _ = read(
        "varnish",
        {
            "etc/varnish/default.vcl": 'backend app { .host = "a"; }\n',
            "etc/varnish/varnish.params": 'DAEMON_OPTS="-a :80 \\\n -p timeout_idle=65 -p pipe_timeout=1h"\n',
        },
    )
    assert [facts(c.facts, "accept.idle_close", "accept.stream_idle") for c in found] == [
        [
            "accept.idle_close = 65s (timeout_idle, written @ 2:5)",
            "accept.stream_idle = 1h (pipe_timeout, written @ 2:24)",
        ]
    ]


def test_includes_are_followed_and_missing_ones_said() -> None:
    found, reports = read(
        "varnish",
        {
            "default.vcl": 'vcl 4.0;\ninclude "backends.vcl";\ninclude "gone.vcl";\nsub vcl_recv { }\n',
            "backends.vcl": 'backend app { .host = "a"; }\ninclude "backends.vcl";\n',
        },
    )
    assert [(c.files, links(c)) for c in found] == [(("default.vcl", "backends.vcl"), ["a:80 http backend app @ 1:15"])]
    assert [(p.message, str(p.span)) for p in reports["default.vcl"].problems] == [
        ("include of gone.vcl: it was not found in the given folders", "default.vcl:3:1")
    ]
