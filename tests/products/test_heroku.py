"""Heroku's router reaches the web process of the file called Procfile, and of no other."""

from __future__ import annotations

import pytest

from tochain.check import sample


@pytest.mark.parametrize(("name", "hops"), [("Procfile", ["heroku -> web"]), ("Procfile.CF", []), ("sub/Procfile", [])])
def test_which_web_process_the_router_reaches(name: str, hops: list[str]) -> None:
    found = sample({"heroku.yml": "build: {}\n", name: "web: bundle exec puma -p $PORT\n"})
    assert [f"{hop.client.name} -> {hop.server.name}" for hop in found.graph.hops] == hops
