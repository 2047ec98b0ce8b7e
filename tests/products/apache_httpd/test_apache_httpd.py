"""Apache httpd: virtual hosts over the main server, workers and balancers, includes; with places."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, links, read, settings, workload

MAIN = """\
ServerRoot "/etc/apache2"
Listen 80
Listen 443
LoadModule mpm_event_module modules/mod_mpm_event.so
Timeout 300
KeepAliveTimeout 15
Define BACK app
<IfModule reqtimeout_module>
  RequestReadTimeout header=20-40,minrate=500 body=10
</IfModule>
<IfModule mpm_prefork_module>
  KeepAlive Off
</IfModule>
<IfDefine NEVER>
  KeepAlive Off
</IfDefine>
<Proxy "balancer://c">
  BalancerMember "http://a:8080" ttl=4 connectiontimeout=500ms
  BalancerMember "http://b:8080" timeout=10
  ProxySet lbmethod=byrequests timeout=1
</Proxy>
IncludeOptional sites-enabled/*.conf
"""

SITE = """\
<VirtualHost *:80>
  ServerName www.example.com
  ServerAlias example.com
  KeepAliveTimeout 75
  ProxyTimeout 20
  ProxyPass /static !
  ProxyPass "/ws" "ws://${BACK}:3000/ws"
  ProxyPass "/" "balancer://c/"
  <Location "/api">
    ProxyPass "http://api:8000" ttl=60 acquire=500 keepalive=On
  </Location>
  <FilesMatch "\\.php$">
    SetHandler "proxy:unix:/run/php.sock|fcgi://localhost"
  </FilesMatch>
  RewriteRule ^/old/(.*) http://old:81/$1 [P,L]
</VirtualHost>
<VirtualHost *:80>
  ServerName two.example.com
  KeepAliveTimeout 0
</VirtualHost>
<VirtualHost _default_:443>
  KeepAlive Off
  ProxyPass / https://10.1.2.3/
</VirtualHost>
"""

FILES = {"etc/apache2/apache2.conf": MAIN, "etc/apache2/sites-enabled/a.conf": SITE}


def host(directives: str, *timers: str) -> list[str]:
    """Facts of a virtual host, then of its first link."""
    found, _ = read("apache-httpd", {"httpd.conf": f"Listen 80\n<VirtualHost *:80>\n{directives}\n</VirtualHost>\n"})
    own = [t for t in timers if t.startswith("accept")]
    behind = [t for t in timers if t.startswith("connect")]
    return (facts(found[0].facts, *own) if own else []) + (facts(found[0].links[0].facts, *behind) if behind else [])


def test_a_component_for_each_virtual_host() -> None:
    found, reports = read("apache-httpd", FILES)
    assert [(c.key, c.name, c.kind, c.scope, [str(a) for a in c.listens], c.names) for c in found] == [
        (
            "apache-httpd:etc/apache2/sites-enabled/a.conf#www.example.com",
            "www.example.com",
            "proxy",
            "dir:",
            ["*:80"],
            ("www.example.com", "example.com"),
        ),
        (
            "apache-httpd:etc/apache2/sites-enabled/a.conf#two.example.com",
            "two.example.com",
            "proxy",
            "dir:",
            ["*:80"],
            ("two.example.com",),
        ),
        ("apache-httpd:etc/apache2/sites-enabled/a.conf#_default_:443", "apache-httpd", "proxy", "dir:", ["*:443"], ()),
    ]
    assert {path: (r.status, r.problems) for path, r in reports.items()} == dict.fromkeys(FILES, ("understood", []))


def test_settings_are_inherited_and_those_of_workers_are_added() -> None:
    found, _ = read("apache-httpd", FILES)
    assert settings(found[0].settings) == [
        "Timeout = 300 @ 5:1-12 inherited",
        "KeepAliveTimeout = 75 @ 4:3-22",
        "RequestReadTimeout header = 20-40,minrate=500 @ 9:22-46 inherited",
        "RequestReadTimeout body = 10 @ 9:47-54 inherited",
        "ProxyTimeout = 20 @ 5:3-18",
        "connectiontimeout = 500ms @ 18:40-63",
        "timeout = 10 @ 19:34-44",
        "ttl = 4 @ 18:34-39",
        "ttl = 60 @ 10:33-39",
        "acquire = 500 @ 10:40-51",
        "keepalive = On @ 10:52-64",
    ]


def test_an_unset_idle_time_is_that_of_the_first_host_of_the_address() -> None:
    found, _ = read("apache-httpd", FILES)
    assert [facts(c.facts, "accept.idle_close", "accept.idle_hint") for c in found] == [
        [
            "accept.idle_close = 75s (KeepAliveTimeout, written @ 4:3)",
            "accept.idle_hint = 75s ((announced), inherited @ 4:3)",
        ],
        [
            "accept.idle_close = 75s (KeepAliveTimeout, inherited @ 4:3)",
            "accept.idle_hint = 75s ((announced), inherited @ 4:3)",
        ],
        ["accept.idle_close = off (KeepAlive, written @ 22:3)", "accept.idle_hint = off (KeepAlive, written @ 22:3)"],
    ]


def test_links() -> None:
    found, _ = read("apache-httpd", FILES)
    assert links(found[0]) == [
        "app:3000 websocket ProxyPass /ws @ 7:3",
        "a:8080 http ProxyPass / @ 18:3",
        "b:8080 http ProxyPass / @ 19:3",
        "api:8000 http <Location /api> @ 10:5",
        "unix:/run/php.sock fastcgi <FilesMatch \\.php$> @ 13:5",
        "old:81 http RewriteRule ^/old/(.*) @ 15:3",
    ]
    assert links(found[2]) == ["10.1.2.3:443 http ProxyPass / @ 23:3"]


def test_timers_of_a_balancer_member() -> None:
    found, _ = read("apache-httpd", FILES)
    assert facts(found[0].links[1].facts) == [
        "connect.connect = 500ms (connectiontimeout, written @ 18:40)",
        "connect.response_header = 20s (ProxyTimeout, written @ 5:3)",
        "connect.read_stall = 20s (ProxyTimeout, written @ 5:3)",
        "connect.send_stall = 20s (ProxyTimeout, written @ 5:3)",
        "connect.stream_idle = 300s (Timeout, inherited @ 5:1)",
        "connect.idle_keep = 4s (ttl, written @ 18:34)",
        "connect.reuse_mode = on (enablereuse, default @ 1:1)",
        "connect.pool_wait = 1s (balancer timeout, written @ 20:32)",
        "connect.validate_after_idle = off (ping, default @ 1:1)",
        "connect.tcp_keepalive_time = off (keepalive, default @ 1:1)",
        "connect.attempts = 2 (maxattempts, default @ 8:3)",
        "connect.dns_ttl = never (addressttl, default @ 1:1)",
        "connect.stale_retry = none ((stale reuse), fixed @ 1:1)",
        "connect.honours_hint = off ((keep-alive hint), fixed @ 1:1)",
    ]


@pytest.mark.parametrize(
    ("directives", "expected"),
    [
        ("ProxyPass / http://app:80/", "connect.idle_keep = never (ttl, default @ 2:1)"),
        ("ProxyPass / http://app:80/ ttl=4", "connect.idle_keep = 4s (ttl, written @ 3:28)"),
        ("ProxyPass / http://app:80/ disablereuse=On", "connect.idle_keep = off (enablereuse, written @ 3:28)"),
        ("ProxyPass / fcgi://app:9000/", "connect.idle_keep = off (enablereuse, default @ 3:1)"),
        ("ProxyPass / fcgi://app:9000/ enablereuse=on", "connect.idle_keep = never (ttl, default @ 2:1)"),
        ("RewriteRule ^/(.*) http://app/$1 [P]", "connect.idle_keep = off (enablereuse, default @ 3:1)"),
        (
            '<Proxy "fcgi://php:9000" enablereuse=on ttl=7>\n</Proxy>\nSetHandler "proxy:fcgi://php:9000"',
            "connect.idle_keep = 7s (ttl, written @ 3:41)",
        ),
        (
            "<Proxy http://app>\nProxySet ttl=9\n</Proxy>\nRewriteRule ^/(.*) http://app/$1 [P]",
            "connect.idle_keep = 9s (ttl, written @ 4:10)",
        ),
        (
            "SetEnv proxy-nokeepalive 1\nProxyPass / http://app/",
            "connect.idle_keep = off (proxy-nokeepalive, written @ 3:1)",
        ),
    ],
)
def test_idle_time_of_backend_connections(directives: str, expected: str) -> None:
    assert host(directives, "connect.idle_keep") == [expected]


@pytest.mark.parametrize(
    ("directives", "timer", "expected"),
    [
        ("KeepAliveTimeout 500ms", "accept.idle_close", "500ms (KeepAliveTimeout, written @ 3:1)"),
        ("KeepAliveTimeout 5mi", "accept.idle_close", "300s (KeepAliveTimeout, written @ 3:1)"),
        ("", "accept.idle_close", "5s (KeepAliveTimeout, default @ 2:1)"),
        ("RequestReadTimeout header=0", "accept.header_read", "never (RequestReadTimeout header, written @ 3:20)"),
        ("ProxyPass / http://a/ timeout=30ms", "connect.read_stall", "30s (timeout, written @ 3:23)"),
        ("ProxyPass / http://a/ timeout=90", "connect.stream_idle", "90s (timeout, written @ 3:23)"),
        ("ProxyPass / http://a/", "connect.stream_idle", "60s (timeout, default @ 2:1)"),
        ("ProxyPass / http://a/", "connect.response_header", "60s (timeout, default @ 2:1)"),
        ("ProxyPass / http://a/ acquire=250", "connect.pool_wait", "250ms (acquire, written @ 3:23)"),
        ("ProxyPass / ajp://a/ ping=5", "connect.validate_after_idle", "0s (ping, written @ 3:22)"),
        ("ProxyPass / http://a/ keepalive=On", "connect.tcp_keepalive_probes", "kernel (keepalive, written @ 3:23)"),
        ("ProxyPass / https://a/", "connect.sni", "on ((SNI), fixed @ 2:1)"),
        ("ProxyPass / https://10.0.0.1/", "connect.sni", "off ((SNI), fixed @ 2:1)"),
        ("Timeout ${T}", "accept.send_stall", "unknown (Timeout, written @ 3:1)"),
    ],
)
def test_values(directives: str, timer: str, expected: str) -> None:
    assert host(directives, timer) == [f"{timer} = {expected}"]


def test_units_that_httpd_ignores_are_said() -> None:
    found, _ = read("apache-httpd", {"httpd.conf": "Listen 80\nProxyTimeout 2ms\nProxyPass / http://a/ timeout=5m\n"})
    assert [(i.kind, i.setting, i.text, str(i.span)) for i in found[0].issues] == [
        (
            "suspicious-unit",
            "ProxyTimeout",
            "ProxyTimeout 2ms is 2 seconds: httpd ignores the unit here",
            "httpd.conf:2:1",
        ),
        ("suspicious-unit", "timeout", "timeout 5m is 5 seconds: httpd ignores the unit here", "httpd.conf:3:23"),
    ]


def test_prefork_keeps_one_connection_for_each_process() -> None:
    text = "LoadModule mpm_prefork_module m.so\nListen 80\nProxyPass / http://a/ max=20\n"
    found, _ = read("apache-httpd", {"httpd.conf": text})
    assert facts(found[0].links[0].facts, "connect.idle_pool_size") == [
        "connect.idle_pool_size = 1 (smax, written @ 3:23)"
    ]


def test_a_virtual_host_alone_in_debians_layout_may_have_debians_timeout() -> None:
    found, _ = read("apache-httpd", {"sites-available/a.conf": "<VirtualHost *:80>\nServerName a\n</VirtualHost>\n"})
    assert facts(found[0].facts, "accept.send_stall") == ["accept.send_stall = 60s or 300s (Timeout, default @ 1:1)"]


def test_a_workload_gives_name_version_and_mounts() -> None:
    web = workload(
        "web", "httpd:2.4.62", mounts={"conf/my.conf": "/usr/local/apache2/conf/httpd.conf", "vhosts": "/etc/vhosts"}
    )
    found, _ = read(
        "apache-httpd",
        {
            "conf/my.conf": "Listen 80\nInclude /etc/vhosts/*.conf\n",
            "vhosts/a.conf": "<VirtualHost *>\nKeepAlive On\n</VirtualHost>",
        },
        web,
    )
    assert [(c.name, str(c.versions), c.workload, [str(a) for a in c.listens], c.files) for c in found] == [
        ("web", "2.4.62", "compose:compose.yaml#web", ["*:80"], ("conf/my.conf", "vhosts/a.conf"))
    ]


def test_images_bring_their_own_configuration() -> None:
    found, _ = read("apache-httpd", {}, workload("php", "php:8.3-apache"), workload("fpm", "php:8.3-fpm"))
    assert [(c.name, str(c.span), facts(c.facts, "accept.send_stall")) for c in found] == [
        ("php", "compose.yaml:1:1", ["accept.send_stall = 300s (Timeout, default @ 1:1)"])
    ]


def test_include_problems_have_places() -> None:
    text = "Listen 80\nInclude httpd.conf\nInclude gone.conf\nInclude\n"
    _, reports = read("apache-httpd", {"httpd.conf": text})
    assert [(p.message, str(p.span)) for p in reports["httpd.conf"].problems] == [
        ("include loop: httpd.conf -> httpd.conf", "httpd.conf:2:1"),
        ("include of gone.conf: it was not found in the given folders", "httpd.conf:3:1"),
        ("Include names no file", "httpd.conf:4:1"),
    ]
