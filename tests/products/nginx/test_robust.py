"""Whatever the text: something sensible or a problem with its place, never an exception."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.products.texts import read

WHOLE = """\
worker_shutdown_timeout 30s;
stream {
    upstream db { server a:5432; server b:5432 backup; }
    server { listen 5432 so_keepalive=30m::10; proxy_pass db; proxy_timeout 1h; }
}
http {
    keepalive_timeout 65 60;
    map $http_upgrade $connection { default upgrade; '' ''; }
    include conf.d/*.conf;
    upstream app { least_conn; server app:8000; keepalive 16; keepalive_timeout 30s; }
    server {
        listen 443 ssl http2;
        server_name a.example;
        set $b app;
        location / {
            proxy_http_version 1.1;
            proxy_set_header Connection $connection;
            proxy_pass http://$b;
            if ($x = "1") { proxy_pass http://other:81; }
            location /in { fastcgi_pass unix:/run/php.sock; fastcgi_read_timeout "1h 30m"; }
        }
        location /l { content_by_lua_block { ngx.say("}") } }
    }
}
"""


def status_of(text: str) -> str:
    _, reports = read("nginx", {"nginx/nginx.conf": text, "nginx/conf.d/a.conf": "server { listen 81; }\n"})
    return reports["nginx/nginx.conf"].status if "nginx/nginx.conf" in reports else "nothing"


def test_every_prefix_is_read_or_refused_with_a_reason():
    expected = {"understood", "failed", "nothing"}
    statuses = [status_of(WHOLE[:at]) for at in range(len(WHOLE) + 1)]
    assert set(statuses) <= expected
    assert statuses[-1] == "understood"
    # Cut inside a block, the file cannot be what its author meant.
    inside = WHOLE.index("http {") + 20
    assert set(statuses[inside : WHOLE.rindex("}")]) == {"failed"}


def test_a_broken_brace_does_not_cost_the_other_servers():
    text = WHOLE.replace(
        "        location /l {", "        location /l \n    }\n    server { listen 8443;\n        location /l {"
    )
    found, reports = read("nginx", {"nginx.conf": text})
    assert [str(a) for c in found for a in c.listens] == ["*:5432", "*:443", "*:8443"]
    assert reports["nginx.conf"].status == "failed"


def test_ten_thousand_locations_inside_one_another():
    text = "http { server { " + "location / { " * 10_000 + "proxy_pass http://deep;" + " }" * 10_002
    (server,), reports = read("nginx", {"nginx.conf": text})
    assert [str(link.target) for link in server.links] == ["deep:80"]
    assert reports["nginx.conf"].problems == []


PIECES = st.sampled_from([
    *"{};\"'\\#\n $", "http {", "server {", "location / {", "upstream app {", "stream {", "if ($a) {", "map $a $b {", "}", "};",
    "listen 80;", "listen [::]:x;", "listen unix:;", "listen ${P} so_keepalive=::;", "server_name ~x *.y _;", "keepalive 5;",
    "keepalive_timeout 5 x;", "proxy_pass http://app;", "proxy_pass $b;", "proxy_pass http://unix:;", "proxy_pass http://[::1;",
    "fastcgi_pass :;", "set $b $b$b;", "set $c http://app;", "server a:99999;", "server unix:/x down;", "include nginx.conf;",
    "include *;", "include [;", "include ../../x;", "proxy_set_header Connection;", "proxy_set_header Connection $b;", "resolver a valid=5ms;",
    "proxy_read_timeout 99999999999999999999y;", "proxy_next_upstream_tries 99999999999999999999;", "keepalive 1e9;",
    "# configuration file /etc/nginx/nginx.conf:\n", "{{ x }}", "{% if %}", "{X}", "\ufeff", "default 1;", "worker_shutdown_timeout;",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES, max_size=30).map(" ".join), st.sampled_from(["nginx.conf", "conf.d/a.conf", "nginx/stream.conf"])
)
def test_no_text_breaks_the_reader(text, path):
    found, reports = read("nginx", {path: text, "other.conf": "server { listen 81; }\n"})
    assert len({component.key for component in found}) == len(found)
    for report in reports.values():
        assert report.status == "understood" or report.problems
