"""PHP-FPM pools and php.ini, sockets and ports, php_admin_value over php.ini."""

from __future__ import annotations

from tests.products.texts import facts, read, settings, workload

POOL = """\
[global]
process_control_timeout = 20s
[www]
listen = /run/php/php8.3-fpm.sock
request_terminate_timeout = 1m
php_admin_value[max_execution_time] = 300
[api]
listen = 127.0.0.1:9001
"""


def test_pools():
    www, api = read("php-fpm", {"php/fpm/pool.d/www.conf": POOL})[0]
    assert [(c.name, c.protocol, [str(a) for a in c.listens]) for c in (www, api)] == [
        ("php-fpm", "fastcgi", ["unix:/run/php/php8.3-fpm.sock"]),
        ("php-fpm", "fastcgi", ["127.0.0.1:9001"]),
    ]
    assert settings(www.settings) == [
        "process_control_timeout = 20s @ 2:1-30",
        "request_terminate_timeout = 1m @ 5:1-31",
        "max_execution_time = 300 @ 6:1-42",
    ]
    assert facts(www.facts, "accept.request_total", "accept.drain") == [
        "accept.request_total = 60s (request_terminate_timeout, written @ 5:1)",
        "accept.drain = 20s (process_control_timeout, written @ 2:1)",
    ]
    assert facts(api.facts, "accept.request_total") == [
        "accept.request_total = never (request_terminate_timeout, default @ 7:1)"
    ]


def test_php_ini_below_the_pools_of_its_workload():
    one = workload("php", "php:8.3-fpm", mounts={"docker/php": "/usr/local/etc"})
    ini = "[PHP]\ndefault_socket_timeout = 20\nmax_input_time = 30\n"
    pool = "[www]\nphp_value[max_input_time] = 90\nrequest_terminate_timeout = 45\n"
    (found,), _ = read("php-fpm", {"docker/php/php.ini": ini, "docker/php/www.conf": pool}, one)
    assert (found.name, found.workload, str(found.versions)) == ("php", one.key, "8.3")
    assert {name: group[0].text for name, group in found.settings.items()} == {
        "default_socket_timeout": "20",
        "max_input_time": "90",
        "request_terminate_timeout": "45",
    }
    (alone,), _ = read("php-fpm", {"docker/php/php.ini": ini}, one)
    assert (alone.name, facts(alone.facts, "connect.read_stall")) == (
        "php",
        ["connect.read_stall = 20s (default_socket_timeout, written @ 2:1)"],
    )
    assert read("php-fpm", {"php.ini": ini})[0] == []
