from tochain.report.pages import index_page, page_path, product_page, rule_page

RULE = {
    "id": "idle-reuse-race",
    "family": "idle-reuse",
    "status": "stable",
    "severity": "error",
    "scope": "hop",
    "since": "0.1.0",
    "summary": "pool keeps connections longer than its peer",
    "when": "client.connect.idle_pool_size > 0",
    "require": "client.connect.idle_keep + margin <= server.accept.idle_close",
    "params": {"margin": {"default": "1s", "help": "one clock tick plus one round trip"}},
    "wire": [{"at": "server.accept.idle_close", "from": "server", "to": "client", "send": "FIN"}],
    "seen": ["sporadic 502/503 at the client"],
    "why": "The side that reuses a connection\nhas to give up first.\n",
    "fix": [{"set": "client.connect.idle_keep", "to": "server.accept.idle_close - margin", "because": "more connects"}],
    "sources": ["https://nginx.org/r/keepalive_timeout", "RFC 9112, 9.3"],
    "examples": {
        "bad": [
            {
                "name": "nginx keeps 300 s, gunicorn closes after 10 s",
                "files": {
                    "nginx.conf": "upstream app {\n  server app:8000;\n  keepalive_timeout 300s;\n}\n",
                    "gunicorn.conf.py": "keepalive = 10\n",
                },
                "fixed": {"nginx.conf": "upstream app {\n  server app:8000;\n  keepalive_timeout 9s;\n}\n"},
            }
        ],
        "good": [{"name": "no pool", "files": {"Procfile": "web: gunicorn ```\n"}}],
    },
}
FEEDS = [
    {
        "timer": "accept.idle_close",
        "product": "nginx",
        "setting": "keepalive_timeout",
        "default": "75s",
        "source": "https://nginx.org/r/keepalive_timeout; CHANGES 1.19.7",
        "observed": "closes after 75.0 s (1.31.4)",
    },
]

PAGE = """\
# idle-reuse-race

<!-- made from idle-reuse-race.yaml; edit that, not this -->

Pool keeps connections longer than its peer.

| severity | family | scope | since | status | fix |
| --- | --- | --- | --- | --- | --- |
| error | idle-reuse | hop | 0.1.0 | stable | unsafe |

## On the wire

```text
      0s     vm  ──▶ proxy   200 OK, connection kept
     10s     vm  ──▶ proxy   FIN                       vm/nginx.conf:2  keepalive_timeout 10s
    300s  proxy  ──▶ vm      next request              tochain.yaml:5   connect.idle_keep 300s
300050ms     vm  ──▶ proxy   RST
```

## Why

The side that reuses a connection
has to give up first.

Seen as:

- sporadic 502/503 at the client

Judged by:

```text
when: client.connect.idle_pool_size > 0
require: client.connect.idle_keep + margin <= server.accept.idle_close
```

## Wrong: nginx keeps 300 s, gunicorn closes after 10 s

`nginx.conf`

```nginx
upstream app {
  server app:8000;
  keepalive_timeout 300s;
}
```

`gunicorn.conf.py`

```python
keepalive = 10
```

tochain says:

```text
error[idle-reuse-race]: what the program prints
```

Mended:

```diff
--- nginx.conf
+++ nginx.conf
@@ -2,3 +2,3 @@
   server app:8000;
-  keepalive_timeout 300s;
+  keepalive_timeout 9s;
 }
```

## Right: no pool

`Procfile`

````text
web: gunicorn ```
````

## How to mend it

- set `client.connect.idle_keep` to `server.accept.idle_close - margin` (more connects)

## Parameters

| name | default | meaning |
| --- | --- | --- |
| `margin` | 1s | one clock tick plus one round trip |

## Who is affected

| timer | product | setting | default | source |
| --- | --- | --- | --- | --- |
| `accept.idle_close` | nginx | `keepalive_timeout` | 75s | <https://nginx.org/r/keepalive_timeout>; CHANGES 1.19.7 |

Seen on running programs:

- nginx keepalive\\_timeout: closes after 75.0 s (1.31.4)

## Sources

- <https://nginx.org/r/keepalive_timeout>
- RFC 9112, 9.3
"""


def test_a_rule_page(race) -> None:
    output = "error[idle-reuse-race]: what the program prints\n"
    assert rule_page(RULE, example=race, output=output, feeds=FEEDS) == PAGE
    assert page_path(RULE) == "idle-reuse/idle-reuse-race.md"


def test_the_shortest_page() -> None:
    assert (
        rule_page({"id": "x", "family": "setting", "severity": "note", "summary": "says <b>!"})
        == """\
# x

<!-- made from x.yaml; edit that, not this -->

Says \\<b\\>!

| severity | family | fix |
| --- | --- | --- |
| note | setting | none |
"""
    )


def test_the_index() -> None:
    other = {"id": "a", "family": "setting", "severity": "note", "summary": "b"}
    assert (
        index_page([other, RULE])
        == """\
# Rules

<!-- made from the rule files; edit those, not this -->

## idle-reuse

| rule | severity | summary |
| --- | --- | --- |
| [idle-reuse-race](idle-reuse/idle-reuse-race.md) | error | Pool keeps connections longer than its peer. |

## setting

| rule | severity | summary |
| --- | --- | --- |
| [a](setting/a.md) | note | B. |
"""
    )


def test_a_product_page() -> None:
    product = {
        "name": "nodejs-http",
        "title": "Node.js http",
        "kind": "server",
        "settings": [
            {
                "setting": "server.keepAliveTimeout",
                "timers": ["accept.idle_close"],
                "default": "5s since 8.0, 65s since 27",
                "unit": "ms",
                "zero": "never",
                "max": "4000s",
                "source": "https://nodejs.org/api/http.html",
                "notes": "set on the server object",
                "observed": "closes after 6.0 s",
            }
        ],
        "traps": ["headersTimeout | too"],
    }
    assert (
        product_page(product)
        == """\
# Node.js http

<!-- made from the product's facts.yaml; edit that, not this -->

`nodejs-http`, a server.

| setting | timers | default | unit | bounds | source |
| --- | --- | --- | --- | --- | --- |
| `server.keepAliveTimeout` | `accept.idle_close` | 5s since 8.0, 65s since 27 | ms | max 4000s, 0 means never | \
<https://nodejs.org/api/http.html> |

## Notes

- server.keepAliveTimeout: set on the server object
- server.keepAliveTimeout: closes after 6.0 s

## Traps

- headersTimeout \\| too
"""
    )
    assert product_page({"name": "x"}) == (
        "# x\n\n<!-- made from the product's facts.yaml; edit that, not this -->\n\n`x`, a component.\n"
    )
