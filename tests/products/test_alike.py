"""What a site comes to is the same whether it was worked out for itself or put there from one where the same is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tochain.check import analyse
from tochain.options import Options
from tochain.products import registry
from tochain.products.alike import Alike

FIXTURES = Path(__file__).parents[2] / "fixtures"
ROOTS = sorted(path for kind in ("repos", "seeds") for path in (FIXTURES / kind).iterdir() if path.is_dir())
MANY = "http { keepalive_timeout 65s; %s }"
SERVER = """
upstream app%(n)d { server 10.0.0.%(n)d:80 max_fails=2; server 10.0.1.%(n)d:80 backup; keepalive %(size)d; }
server { server_name s%(n)d.example; location /v%(n)d/ { proxy_pass http://app%(n)d; proxy_http_version 1.1;
proxy_set_header Connection ""; proxy_read_timeout %(wait)ds; } }
"""


class Single(Alike):
    """Works out every site for itself."""

    def at(self, site, work):
        return work(site)


def completed(monkeypatch, kind, paths, options):
    monkeypatch.setattr(registry, "Alike", kind)
    graph = analyse(paths, options).graph
    return [
        (c.key, c.kind, c.facts, c.issues, [(link.target, link.span, link.facts) for link in c.links])
        for c in graph.components
    ]


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_repositories(root, monkeypatch):
    shared, single = (completed(monkeypatch, kind, [root], Options(base=root)) for kind in (Alike, Single))
    assert shared == single


def test_servers_that_differ_in_names_places_and_values(monkeypatch, tmp_path):
    servers = "".join(SERVER % {"n": n, "size": 8 + n % 2, "wait": 20 + n % 3} for n in range(1, 20))
    (tmp_path / "nginx.conf").write_text(MANY % servers)
    shared, single = (completed(monkeypatch, kind, [tmp_path], Options(base=tmp_path)) for kind in (Alike, Single))
    assert shared == single
    assert {facts["connect.attempts"][0].because for *_, links in shared for _, _, facts in links} == {
        f"upstream app{n} has 2 servers in use" for n in range(1, 20)
    }
    assert {facts["connect.idle_pool_size"][0].scope for *_, links in shared for _, _, facts in links} == {
        f"upstream app{n}" for n in range(1, 20)
    }
