"""The language server driven by a client over stdio: findings in both files, as one types; hovers; fixes."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="the extra tochain[lsp] is not installed")

_spec = importlib.util.spec_from_file_location("lsp_client", Path(__file__).with_name("client.py"))
assert _spec is not None and _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
Client = _module.Client

NGINX = """\
events {}
http {
    server {
        listen 80;
        server_name vm;
        keepalive_timeout 10s;
    }
}
"""
DECLARED = """\
version: 1
components:
  proxy: {product: black-box, timers: {connect.idle_keep: 300s}}
  vm: {product: nginx, version: "1.28.3", config: nginx.conf}
paths:
  - {path: proxy -> vm, protocol: http}
"""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "nginx.conf").write_text(NGINX)
    (tmp_path / "tochain.yaml").write_text(DECLARED)
    made = Client(tmp_path)
    made.start()
    yield made
    assert made.stop() == 0


def spot(line: int, start: int, end: int) -> dict[str, object]:
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


def test_a_finding_stands_in_both_files_and_each_names_the_other(client: Client) -> None:
    """Both places say the same; the related one leads to the other file."""
    conf, declared = client.uri("nginx.conf"), client.uri("tochain.yaml")
    client.until(lambda: client.published.get(conf) and client.published.get(declared))
    (here,) = client.published[conf]
    (there,) = client.published[declared]
    message = "proxy may reuse a connection that vm has already closed (idle limit 300s against 10s)"
    assert (here["code"], here["severity"], here["source"], here["range"]) == (
        "idle-reuse-race",
        1,
        "tochain",
        spot(5, 8, 30),
    )
    assert here["message"] == f"{message}\nalready closed after 10s idle"
    assert here["relatedInformation"] == [
        {"location": {"uri": declared, "range": spot(2, 58, 62)}, "message": "proxy: may be reused after 300s idle"}
    ]
    assert (there["code"], there["range"]) == ("idle-reuse-race", spot(2, 58, 62))
    assert there["message"] == f"{message}\nmay be reused after 300s idle"
    assert there["relatedInformation"] == [
        {"location": {"uri": conf, "range": spot(5, 8, 30)}, "message": "vm: already closed after 10s idle"}
    ]


def test_findings_go_and_come_back_as_one_types(client: Client) -> None:
    """The text in the editor counts, not the one on disk; several keys in a row come to one answer for the last."""
    conf, declared = client.uri("nginx.conf"), client.uri("tochain.yaml")
    client.until(lambda: client.published.get(conf))
    client.open("nginx.conf", NGINX)
    for version, value in enumerate(("3", "30", "301", "301s"), 2):
        client.change("nginx.conf", NGINX.replace("10s", value), version)
    client.until(lambda: client.published.get(conf) == [] and client.published.get(declared) == [])
    client.notify("textDocument/didClose", {"textDocument": {"uri": conf}})
    client.until(lambda: client.published.get(conf))
    assert client.published[conf][0]["code"] == "idle-reuse-race"


def test_tochain_yaml_counts_as_it_is_typed(client: Client) -> None:
    """A mistake in tochain.yaml is shown at its place, with the nearest word."""
    declared = client.uri("tochain.yaml")
    client.until(lambda: client.published.get(declared))
    client.open("tochain.yaml", DECLARED.replace("product: nginx", "product: ngnix"))
    client.until(lambda: any("ngnix" in found["message"] for found in client.published.get(declared, [])))
    (wrong,) = [found for found in client.published[declared] if "ngnix" in found["message"]]
    assert (wrong["severity"], wrong["range"]) == (1, spot(3, 2, 4))
    assert wrong["message"].startswith("component vm: no product 'ngnix'; nearest: nginx")


def test_hover_shows_the_effective_value_and_where_it_comes_from(client: Client) -> None:
    """Over a setting: component, timer, value, origin, setting and place; over a server: all it has, defaults too."""
    conf = client.uri("nginx.conf")
    client.until(lambda: client.published.get(conf))
    shown = client.request(
        "textDocument/hover", {"textDocument": {"uri": conf}, "position": {"line": 5, "character": 28}}
    )
    assert shown == {
        "contents": {
            "kind": "markdown",
            "value": "**vm** `accept.idle_close` = **10s** (written, set by `keepalive_timeout`)\n\nnginx.conf:6:9",
        },
        "range": spot(5, 8, 30),
    }
    server = client.request(
        "textDocument/hover", {"textDocument": {"uri": conf}, "position": {"line": 2, "character": 6}}
    )
    rows = server["contents"]["value"].splitlines()
    assert rows[:4] == ["**vm**", "", "| timer | value | setting | origin | from |", "|---|---|---|---|---|"]
    assert [row for row in rows if "accept.idle_close" in row or "header_read" in row] == [
        "| accept.header_read | **60s** | client_header_timeout | default "
        "| https://nginx.org/en/docs/http/ngx\\_http\\_core\\_module.html#client\\_header\\_timeout |",
        "| accept.idle_close | **10s** | keepalive_timeout | written | nginx.conf:6:9 |",
    ]
    assert server["range"] == spot(2, 4, 10)
    nothing = client.request(
        "textDocument/hover", {"textDocument": {"uri": conf}, "position": {"line": 1, "character": 1}}
    )
    assert nothing is None


def test_the_fix_is_offered_and_mends_the_finding(client: Client) -> None:
    """The edit changes the value alone; applied, the finding goes from both files."""
    conf, declared = client.uri("nginx.conf"), client.uri("tochain.yaml")
    client.until(lambda: client.published.get(conf))
    client.open("nginx.conf", NGINX)
    asked = {"textDocument": {"uri": conf}, "range": spot(5, 10, 10), "context": {"diagnostics": []}}
    (action,) = [a for a in client.request("textDocument/codeAction", asked) if a["title"].startswith("vm:")]
    assert (
        action["title"] == "vm: keepalive_timeout 301s (proxy reuses for up to 300s; idle connections stay open longer)"
    )
    assert action["kind"] == "quickfix"
    assert action["edit"] == {"changes": {conf: [{"range": spot(5, 26, 29), "newText": "301s"}]}}
    client.change("nginx.conf", NGINX.replace("10s", "301s"), 2)
    client.until(lambda: client.published.get(conf) == [] and client.published.get(declared) == [])
    elsewhere = {**asked, "range": spot(0, 0, 0)}
    assert client.request("textDocument/codeAction", elsewhere) == []


def test_a_broken_text_says_where_and_leaves_the_rest(client: Client) -> None:
    """While a brace is missing the place of the mistake is shown, and the findings of other files stay theirs."""
    conf = client.uri("nginx.conf")
    client.until(lambda: client.published.get(conf))
    client.open("nginx.conf", NGINX.replace("listen 80;", "listen 80"))
    client.until(lambda: any("code" not in found for found in client.published.get(conf, [])))
    client.change("nginx.conf", 'events {}\nhttp { server { keepalive_timeout "10s; }\n', 2)
    client.until(
        lambda: any(found["severity"] == 1 and "code" not in found for found in client.published.get(conf, []))
    )
    client.change("nginx.conf", NGINX, 3)
    client.until(lambda: [found.get("code") for found in client.published.get(conf, [])] == ["idle-reuse-race"])
    assert client.shown == []


def test_a_broken_tochain_yaml_says_where(client: Client) -> None:
    declared = client.uri("tochain.yaml")
    client.until(lambda: client.published.get(declared))
    client.open("tochain.yaml", DECLARED + "  - [\n")
    client.until(lambda: any(found["severity"] == 1 and "code" not in found for found in client.published[declared]))


def test_a_deleted_file_takes_its_findings_along(client: Client, tmp_path: Path) -> None:
    """The client is asked to watch, and says that the file has gone; an open text of it lives until it is closed."""
    conf, declared = client.uri("nginx.conf"), client.uri("tochain.yaml")
    client.until(lambda: client.published.get(conf))
    client.open("nginx.conf", NGINX)
    (tmp_path / "nginx.conf").unlink()
    gone = {"changes": [{"uri": conf, "type": 3}]}
    client.notify("workspace/didChangeWatchedFiles", gone)
    client.notify("textDocument/didClose", {"textDocument": {"uri": conf}})
    client.until(lambda: client.published.get(conf) == [])
    client.until(lambda: [found.get("code") for found in client.published[declared]] == [None])
    assert "nginx.conf" in client.published[declared][0]["message"]  # the file it names is not there


@pytest.fixture
def two(tmp_path: Path) -> Client:
    """Two folders with the same names in them, the second without a finding."""
    for name, value in (("a", "10s"), ("b", "310s")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "nginx.conf").write_text(NGINX.replace("10s", value))
        (tmp_path / name / "tochain.yaml").write_text(DECLARED)
    return Client(tmp_path)


def test_two_folders_are_two_worlds(two: Client) -> None:
    """Each is checked with its own tochain.yaml; one may be added and taken away."""
    watching = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    answer = two.start("a", "b", capabilities=watching)
    assert answer["capabilities"]["workspace"]["workspaceFolders"]["supported"] is True
    a, b = two.uri("a/nginx.conf"), two.uri("b/nginx.conf")
    two.until(lambda: two.published.get(a) and two.registered)
    assert (two.registered[0]["method"], b in two.published) == ("workspace/didChangeWatchedFiles", False)
    two.open("b/nginx.conf", NGINX)
    two.until(lambda: two.published.get(b))
    asked = {"textDocument": {"uri": b}, "position": {"line": 5, "character": 28}}
    assert "**10s**" in two.request("textDocument/hover", asked)["contents"]["value"]
    two.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [two.folder("a")]}})
    two.until(lambda: two.published.get(a) == [])
    assert two.published[b]
    two.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [two.folder("a")], "removed": []}})
    two.until(lambda: two.published.get(a))
    assert two.stop() == 0


def test_without_a_folder_only_open_texts_are_read(two: Client) -> None:
    """Nobody wants their home searched because they opened one file."""
    two.start(none=True)
    (two.root / "c").mkdir()
    (two.root / "c" / "nginx.conf").write_text("events {")
    lone = two.uri("c/other.conf")
    two.open("c/other.conf", NGINX.replace("keepalive_timeout 10s;", "keepalive_timeout 10 20 30;\n    bad"))
    two.until(lambda: two.published.get(lone))
    assert set(two.published) == {lone}
    assert two.stop() == 0
