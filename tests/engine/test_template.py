"""Sentences read well with any value in them."""

from __future__ import annotations

import pytest

from tochain.engine.evaluate import Env
from tochain.engine.nodes import Ref
from tochain.engine.template import Template
from tochain.model.fact import Fact
from tochain.model.limit import NEVER, seconds
from tochain.model.span import Pos, Span

GIVES_UP = "client.connect.gives_up"


@pytest.mark.parametrize(
    ("text", "timed", "endless"),
    [
        ("{client} waits up to {%s}", "app waits up to 5s", "app waits without end"),
        ("silent for up to {%s}", "silent for up to 5s", "silent without end"),
        ("held for {%s}", "held for 5s", "held without end"),
        ("tests it after {%s} at the earliest", "tests it after 5s at the earliest", "tests it at no time"),
        ("limit {%s}", "limit 5s", "limit never"),
    ],
)
def test_what_never_happens_is_said_in_words(text: str, timed: str, endless: str) -> None:
    template = Template.read(text % GIVES_UP if "%s" in text else text, "hop", {})
    here = Span("a", Pos(1, 1), Pos(1, 2))

    def said(limit):
        fact = Fact("connect.gives_up", limit, "timeout", "written", here)
        return template.fill(Env({Ref("client", "connect.gives_up"): fact}, {}), {"client": "app"})

    assert (said(seconds(5)), said(NEVER)) == (timed, endless)
