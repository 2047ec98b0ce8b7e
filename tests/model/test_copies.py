"""Copies that are spelled out for speed hold every field that is not theirs to change."""

from __future__ import annotations

from dataclasses import fields

import pytest

from tochain.model.component import Component, Link
from tochain.model.hop import Hop

FACTS, LINKS = {"connect.connect": ()}, ("links",)
COPIES = {
    Link: (lambda link: link.with_facts(FACTS), {"facts": FACTS}),
    Component: (lambda component: component.with_facts(FACTS, LINKS), {"facts": FACTS, "links": LINKS}),
    Hop: (lambda hop: hop.with_client_facts(FACTS), {"client_facts": FACTS}),
}


@pytest.mark.parametrize("kind", COPIES, ids=lambda kind: kind.__name__)
def test_a_copy_differs_in_nothing_else(kind):
    copy, changed = COPIES[kind]
    marks = {field.name: f"the {field.name}" for field in fields(kind)}
    found = copy(kind(**marks))
    assert {field.name: getattr(found, field.name) for field in fields(kind)} == {**marks, **changed}
