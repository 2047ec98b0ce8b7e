"""Valid documents made wrong: every place of a document, and what stands there instead."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st


def walk(node: Any, path: tuple = ()):
    """Every place of a document."""
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from walk(value, (*path, key))


def mutated(document: Any, path: tuple, value: Any) -> Any:
    """The document with another value at a place."""
    if not path:
        return value
    done = deepcopy(document)
    at = done
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return done


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.just([]), st.just({}), st.just([[]]),
    st.just({"a": {"b": []}}), st.just([{"name": {"x": 1}}, 3]), st.just("{{ .Values.x }}"), st.just("999999999999999"),
)  # fmt: skip
