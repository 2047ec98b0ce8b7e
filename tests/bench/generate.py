"""An nginx configuration of any size: virtual servers, each with an upstream group and two locations."""

from __future__ import annotations

__all__ = ["configuration"]

_HEAD = """\
worker_processes auto;
events { worker_connections 1024; }
http {
    keepalive_timeout 65s;
    proxy_http_version 1.1;
"""

_SERVER = """\
    upstream app{n} {{
        # two processes of application {n}
        server 10.{high}.{low}.1:8080 max_fails=2 fail_timeout=10s;
        server 10.{high}.{low}.2:8080 max_fails=2 fail_timeout=10s;
        keepalive 16;
    }}
    server {{
        listen 80;
        server_name site{n}.example.com;
        location / {{
            proxy_pass http://app{n};
            proxy_set_header Connection "";
            proxy_read_timeout {wait}s;
        }}
        location /static/ {{ root /srv/site{n}; }}
    }}
"""


def configuration(servers: int) -> str:
    """The text of a main file with that many servers: about 470 bytes each, no two of them equal."""
    made = (_SERVER.format(n=n, high=n // 250, low=n % 250, wait=30 + n % 60) for n in range(servers))
    return "".join((_HEAD, *made, "}\n"))
