"""Settings and links as nginx has them in force: scopes, modules, targets, variables, listens."""

from __future__ import annotations

import pytest

from tests.products.texts import links, read, settings, workload
from tochain.model.component import Address, Word
from tochain.model.limit import Unknown
from tochain.model.span import Pos, Span
from tochain.model.version import parse_versions


def servers(text: str, *workloads, path: str = "web/nginx/nginx.conf"):
    found, reports = read("nginx", {path: text}, *workloads)
    return found, [f"{p.span}: {p.message}" for report in reports.values() for p in report.problems]


def at(component, label: str) -> list[str]:
    """The settings in force at the first link of a location."""
    return settings(next(link for link in component.links if link.label == label).settings)


SCOPES = """\
worker_shutdown_timeout 30s;
http {
    keepalive_timeout 65 60;
    proxy_read_timeout 100s;
    proxy_connect_timeout 5s;
    proxy_set_header Connection "";
    server {
        listen 8080;
        server_name shop.example;
        proxy_read_timeout 50s;
        location / {
            proxy_pass http://app:8000;
        }
        location /slow {
            proxy_read_timeout 10m;
            keepalive_timeout 5s;
            proxy_set_header Host $host;
            proxy_pass http://app:8000;
            location /slow/er {
                proxy_pass http://other:8000;
                proxy_connect_timeout 1s;
            }
            location /slow/static { root /srv; }
        }
        location @named { proxy_pass http://named; }
    }
    server {
        listen 8081;
        location / { grpc_read_timeout 1h; grpc_pass grpc://rpc; }
    }
}
"""


def test_inner_blocks_win_and_the_rest_is_taken_over():
    (shop, rpc), problems = servers(SCOPES)
    assert problems == []
    assert settings(shop.settings) == [
        "worker_shutdown_timeout = 30s @ 1:1-29 inherited",
        "keepalive_timeout = 65 @ 3:5-29 inherited",
        "keepalive_timeout = 5s @ 16:13-34",
        "keepalive_timeout hint = 60 @ 3:5-29 inherited",
        "proxy_connect_timeout = 5s @ 5:5-30 inherited",
        "proxy_set_header = Connection  @ 6:5-36 inherited",
        "proxy_set_header Connection =  @ 6:5-36 inherited",
        "proxy_read_timeout = 50s @ 10:9-32",
        "proxy_read_timeout = 10m @ 15:13-36",
    ]
    assert at(shop, "location /") == [
        "worker_shutdown_timeout = 30s @ 1:1-29 inherited",
        "keepalive_timeout = 65 @ 3:5-29 inherited",
        "keepalive_timeout hint = 60 @ 3:5-29 inherited",
        "proxy_read_timeout = 50s @ 10:9-32 inherited",
        "proxy_connect_timeout = 5s @ 5:5-30 inherited",
        "proxy_set_header = Connection  @ 6:5-36 inherited",
        "proxy_set_header Connection =  @ 6:5-36 inherited",
        "proxy_pass = http @ 12:13-40",
    ]
    assert at(shop, "location /slow/er") == [
        "worker_shutdown_timeout = 30s @ 1:1-29 inherited",
        "keepalive_timeout = 5s @ 16:13-34 inherited",
        "keepalive_timeout hint = 60 @ 3:5-29 inherited",
        "proxy_read_timeout = 10m @ 15:13-36 inherited",
        "proxy_connect_timeout = 1s @ 21:17-42",
        "proxy_set_header = Host $host @ 17:13-41 inherited",
        "proxy_pass = http @ 20:17-46",
    ]
    assert at(rpc, "location /")[-2:] == ["grpc_read_timeout = 1h @ 29:22-43", "grpc_pass = grpc @ 29:44-65"]
    assert not any(line.startswith("proxy_") for line in at(rpc, "location /"))


def test_a_location_without_a_pass_connects_to_nobody():
    (shop, _), _ = servers(SCOPES)
    assert links(shop) == [
        "app:8000 http location / @ 12:13",
        "app:8000 http location /slow @ 18:13",
        "other:8000 http location /slow/er @ 20:17",
        "named:80 http location @named @ 25:27",
    ]


def test_a_virtual_server_is_one_component():
    (shop, rpc), _ = servers(SCOPES)
    assert (shop.key, shop.name, shop.scope, shop.kind, shop.protocol) == (
        "nginx:web/nginx/nginx.conf#shop.example:8080",
        "shop.example",
        "dir:web",
        "proxy",
        "http",
    )
    assert (shop.names, shop.listens, str(shop.span)) == (
        ("shop.example",),
        (Address(port=8080),),
        "web/nginx/nginx.conf:7:5",
    )
    assert (rpc.key, rpc.name) == ("nginx:web/nginx/nginx.conf#server:8081", "nginx")


def test_locations_with_the_same_settings_share_them():
    places = " ".join(f"location /{i} {{ proxy_pass http://a:{i + 1}; }}" for i in range(5))
    (server,), _ = servers(f"http {{ server {{ {places} }} }}")
    assert len(server.links) == 5
    assert len({id(link.settings) for link in server.links}) == 1
    places = " ".join(f"location /{i} {{ proxy_pass http://a; }}" for i in range(5))
    (server,), _ = servers(f"http {{ upstream a {{ server x; server y; }} server {{ {places} }} }}")
    assert len(server.links) == 10
    assert len({id(link.settings) for link in server.links}) == 1


PASSES = {
    "proxy_pass http://app;": "app:80 http location / @ 1:30",
    "proxy_pass https://app;": "app:443 http location / @ 1:30",
    "proxy_pass http://app:8080/api/;": "app:8080 http location / @ 1:30",
    "proxy_pass http://[::1]:8080;": "::1:8080 http location / @ 1:30",
    "proxy_pass http://unix:/run/app.sock:/uri;": "unix:/run/app.sock http location / @ 1:30",
    "proxy_pass http://app:8080$request_uri;": "app:8080 http location / @ 1:30",
    "proxy_pass http://app$uri$is_args$args;": "app:80 http location / @ 1:30",
    "proxy_pass http://$backend:8080;": "the target $backend:8080 is filled in when a request comes http location / @ 1:30",
    "proxy_pass ${BACKEND_URL};": "the target ${BACKEND_URL} is filled in when a request comes http location / @ 1:30",
    "proxy_pass http://app:${PORT};": "app http location / @ 1:30",
    "grpc_pass grpcs://rpc;": "rpc:443 grpc location / @ 1:30",
    "grpc_pass rpc:50051;": "rpc:50051 grpc location / @ 1:30",
    "fastcgi_pass php:9000;": "php:9000 fastcgi location / @ 1:30",
    "fastcgi_pass unix:/run/php.sock;": "unix:/run/php.sock fastcgi location / @ 1:30",
    "uwsgi_pass uwsgi://py:3031;": "py:3031 uwsgi location / @ 1:30",
    "scgi_pass localhost:9000;": "localhost:9000 scgi location / @ 1:30",
    "memcached_pass cache:11211;": "cache:11211 memcached location / @ 1:30",
}


@pytest.mark.parametrize("text", PASSES)
def test_every_way_to_name_a_target(text):
    (server,), _ = servers(f"http {{ server {{ location / {{ {text} }} }} }}\n")
    assert links(server) == [PASSES[text]]


def test_a_variable_host_keeps_what_is_known():
    (server,), _ = servers("http { server { location / { proxy_pass http://$backend:8080; } } }")
    assert server.links[0].target == Address(port=8080)


GROUPS = """\
http {
    upstream App {
        server a:8000 weight=2;
        server b:8000 down;
        server unix:/run/c.sock;
        server d backup;
        server a:8000;
        keepalive 32;
        keepalive_timeout 20s;
        keepalive_requests 500;
        least_conn;
    }
    upstream empty { zone z 64k; }
    upstream lua { server 0.0.0.1; balancer_by_lua_block { local x = "}" } }
    server {
        location / { proxy_pass http://app; }
        location /e { proxy_pass http://empty; }
        location /l { proxy_pass http://lua; }
    }
}
"""


def test_a_group_is_one_link_for_each_server_in_use():
    (server,), _ = servers(GROUPS)
    assert links(server) == [
        "a:8000 http location / @ 3:9",
        "unix:/run/c.sock http location / @ 5:9",
        "d:80 http location / (backup) @ 6:9",
        "upstream empty names no server here http location /e @ 17:23",
        "Lua chooses the server of upstream lua http location /l @ 18:23",
    ]
    assert settings(server.links[0].settings) == [
        "proxy_pass = http @ 16:22-44",
        "upstream keepalive = 32 @ 8:9-22",
        "upstream keepalive_timeout = 20s @ 9:9-31",
        "upstream keepalive_requests = 500 @ 10:9-32",
        "upstream method after keepalive = least_conn @ 11:9-20",
        "upstream =  @ 2:5-17",
        "upstream server = weight=2 @ 3:9-32",
        "upstream server =  @ 5:9-33",
        "upstream server = backup @ 6:9-25",
        "upstream server =  @ 7:9-23",
    ]


VARIABLES = {
    "set $b app; location / { proxy_pass http://$b:81; }": ["app:81 http location /"],
    "location / { set $b http://app:81; proxy_pass $b; }": ["app:81 http location /"],
    "set $a app; set $b $a; location / { proxy_pass http://${b}; }": ["app:80 http location /"],
    "location / { proxy_pass http://$pool; }": ["one:80 http location /", "two:80 http location /"],
    "set $l $l; location / { proxy_pass http://$l; }": [
        "the target $l is filled in when a request comes http location /"
    ],
}


@pytest.mark.parametrize("text", VARIABLES)
def test_variables_are_followed_where_they_are_set(text):
    (server,), _ = servers(
        f"http {{ map $host $pool {{ default one; b.example two; c.example one; }} server {{ {text} }} }}"
    )
    assert [line.partition(" @")[0] for line in links(server)] == VARIABLES[text]


def test_if_and_limit_except_have_the_settings_around_them():
    (server,), _ = servers(
        "http { server { location / { proxy_read_timeout 5s; proxy_pass http://a;\n"
        "if ($x = 1) { proxy_pass http://b; }\nlimit_except GET { proxy_pass http://c; } } } }"
    )
    assert [line.partition(" @")[0] for line in links(server)] == [
        "a:80 http location /",
        "b:80 http location / if ($x = 1)",
        "c:80 http location / limit_except GET",
    ]
    assert settings(server.links[1].settings)[0] == "proxy_read_timeout = 5s @ 1:30-52 inherited"


LISTENS = {
    "": ["*:80"],
    "listen 8080;": ["*:8080"],
    "listen *:8080 default_server;": ["*:8080"],
    "listen 127.0.0.1:8080;": ["127.0.0.1:8080"],
    "listen 127.0.0.1;": ["127.0.0.1:80"],
    "listen [::]:443 ssl; listen 443 ssl;": ["*:443"],
    "listen [::1]:8000;": ["::1:8000"],
    "listen unix:/run/n.sock;": ["unix:/run/n.sock"],
    "listen 8000-8002;": ["*:8000", "*:8001", "*:8002"],
}


@pytest.mark.parametrize("text", LISTENS)
def test_every_way_to_listen(text):
    (server,), problems = servers(f"http {{ server {{ {text} }} }}")
    assert [str(address) for address in server.listens] == LISTENS[text]
    assert problems == []


def test_a_port_filled_in_later_is_said():
    (server,), problems = servers("http { server { listen ${PORT}; listen x:y:z; } }")
    assert server.listens == ()
    assert problems == [
        "web/nginx/nginx.conf:1:17: listen: ${PORT} is filled in later",
        "web/nginx/nginx.conf:1:33: listen: x:y:z is no address",
    ]


def test_what_a_socket_is_told_holds_for_all_servers_on_it():
    found, _ = servers(
        "http { server { listen 80 so_keepalive=10m::5; }\nserver { listen 80; server_name b; }\n"
        "server { listen 81; server_name c; } }"
    )
    assert [settings(server.settings) for server in found] == [
        ["so_keepalive = 10m::5 @ 1:17-47"],
        ["so_keepalive = 10m::5 @ 1:17-47"],
        [],
    ]


def test_words_about_the_connection():
    (one, two), _ = servers(
        "http { http2 on; server { listen 443 ssl quic; } server { listen 80 proxy_protocol; http2 off; } }"
    )
    assert (sorted(one.traits), sorted(two.traits)) == (
        ["files", "http2", "no-proxy", "quic", "tls"],
        ["files", "no-proxy", "proxy_protocol"],
    )


STREAM = """\
stream {
    upstream db { server db1:5432; server db2:5432 backup; }
    map $ssl_preread_server_name $name { default web; api.example api; }
    upstream web { server w:443; }
    upstream api { server x:443; }
    proxy_timeout 1h;
    server { listen 5432; proxy_pass db; proxy_socket_keepalive on; }
    server { listen 443; ssl_preread on; proxy_pass $name; }
    server { listen 53 udp; proxy_pass dns:53; }
}
http { upstream db { server 127.0.0.1:1; } server { location / { proxy_pass http://db; } } }
mail { server { listen 25; proxy_pass_error_message on; } }
"""


def test_stream_has_groups_and_settings_of_its_own():
    found, problems = servers(STREAM)
    assert problems == []
    assert [(c.name, c.variant, c.protocol, [str(a) for a in c.listens]) for c in found] == [
        ("nginx", "stream", "tcp", ["*:5432"]),
        ("nginx", "stream", "tcp", ["*:443"]),
        ("nginx", "stream", "udp", ["*:53"]),
        ("nginx", None, "http", ["*:80"]),
    ]
    assert [line.partition(" @")[0] for c in found for line in links(c)] == [
        "db1:5432 tcp ",
        "db2:5432 tcp (backup)",
        "w:443 tcp ",
        "x:443 tcp ",
        "dns:53 tcp ",
        "127.0.0.1:1 http location /",
    ]
    assert settings(found[0].settings) == [
        "proxy_timeout = 1h @ 6:5-22 inherited",
        "proxy_socket_keepalive = on @ 7:42-68",
    ]


def test_the_workload_that_mounts_the_file_gives_name_scope_version_and_environment():
    at_env = Span("compose.yaml", Pos(1, 1), Pos(1, 2))
    web = workload(
        "edge",
        "nginx:1.27-alpine",
        mounts={"web/nginx/nginx.conf": "/etc/nginx/nginx.conf"},
        env={"APP": Word("app:8000", at_env), "WAIT": Word("7s", at_env)},
    )
    (server,), _ = servers(
        "http { server { server_name a.example; location / { proxy_pass http://${APP}; proxy_read_timeout $WAIT; } } }",
        web,
    )
    assert (server.name, server.scope, server.workload, server.versions) == (
        "edge",
        "compose:compose.yaml",
        "compose:compose.yaml#edge",
        parse_versions("1.27"),
    )
    assert links(server) == ["app:8000 http location / @ 1:53"]
    assert settings(server.links[0].settings)[0] == "proxy_read_timeout = 7s @ 1:79-104"


WRONG = {
    "http { keepalive_timeout 10s; keepalive_timeout 5s; server { } }": (
        "1:31: keepalive_timeout stands twice in this block; nginx refuses that"
    ),
    "http { server { location / { client_header_timeout 5s; } } }": (
        "1:30: client_header_timeout is not allowed in location /; nginx refuses that"
    ),
    "http { server { location / { proxy_pass; } } }": "1:30: proxy_pass names no target",
    "http { server { keepalive_timout 5s; } }": "1:17: unknown directive keepalive_timout; nearest: keepalive_timeout",
    "http { server { listen; } }": "1:17: listen names no address",
    "http { keepalive_timeout; server { } }": "1:8: keepalive_timeout has no value",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_nginx_would_not_start_with_is_told(text):
    found, problems = servers(text)
    assert len(found) == 1
    assert problems == [f"web/nginx/nginx.conf:{WRONG[text]}"]


VALUES = {
    "proxy_read_timeout 1,5s;": 'nginx refuses to start: invalid time "1,5s"; expected a number with ms, s, m, h, d or w; fractions are not allowed in proxy_read_timeout',
    "proxy_read_timeout 10 s;": 'nginx refuses to start: too many values "10 s" in proxy_read_timeout',
    "proxy_read_timeout -1;": 'nginx refuses to start: invalid time "-1"; expected a number with ms, s, m, h, d or w in proxy_read_timeout',
    "keepalive_requests many;": 'nginx refuses to start: invalid number "many" in keepalive_requests',
    "listen 80 so_keepalive=::;": 'nginx refuses to start: invalid so_keepalive value "::"; expected on, off or idle:interval:count in listen',
    "proxy_read_timeout 1M;": 'nginx refuses to start: invalid time "1M"; expected a number with ms, s, m, h, d or w in proxy_read_timeout',
}


@pytest.mark.parametrize("text", VALUES)
def test_a_value_nginx_refuses_is_an_issue(text):
    (server,), _ = servers(f"http {{ server {{ {text} }} }}")
    assert [(i.kind, i.text, str(i.span)) for i in server.issues] == [
        ("setting-out-of-range", VALUES[text], "web/nginx/nginx.conf:1:17")
    ]


def test_a_timer_of_another_module_has_no_effect():
    (server,), _ = servers("http { server { location ~ php { fastcgi_pass php:9000;\n proxy_read_timeout 300s; } } }")
    assert [(i.kind, i.setting, str(i.span), i.text) for i in server.issues] == [
        (
            "setting-without-effect",
            "proxy_read_timeout",
            "web/nginx/nginx.conf:2:2",
            "proxy_read_timeout has no effect in location ~ php, which uses fastcgi_pass; "
            "fastcgi_read_timeout is the setting for it",
        )
    ]


def test_the_default_server_comes_first():
    found, _ = servers("http { server { server_name a; } server { server_name b; listen 80 default_server; } }")
    assert [server.name for server in found] == ["b", "a"]


def test_what_a_template_chooses_between_is_not_known():
    text = (
        "http {\n  server {\n    keepalive_timeout {{if .Long}}65s{{else}}5s{{end}};\n    location / {\n"
        "      proxy_ssl_server_name {{ if .Sni }}on{{ else }}off{{ end }};\n      proxy_pass http://app:8000;\n"
        "    }\n  }\n}\n"
    )
    (server,), problems = servers(text)
    assert problems == ["web/nginx/nginx.conf:3:23: a template: what it fills in later is not known"]
    assert server.issues == ()
    (setting,) = server.settings["keepalive_timeout"]
    assert setting.limit == Unknown("filled in later: 65s 5s")
    (name,) = server.links[0].settings["proxy_ssl_server_name"]
    assert name.limit == Unknown("filled in later: on off")
