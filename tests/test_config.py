"""tochain.yaml: everything in it, and every mistake with its exact place and text."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.check import check_files
from tochain.config import Assumption, Config, DeclaredTimer, PathRule, load
from tochain.model.fact import Setting
from tochain.model.hop import DeclaredPath
from tochain.model.limit import NEVER, OFF, Finite, Word, seconds
from tochain.model.span import Pos, SourceFile, Span
from tochain.model.timers import TIMERS

FULL = """\
version: 1
components:
  vm:
    product: nginx
    version: ">=1.20,<1.29"
    config: [vm/nginx.conf, "vm/conf.d/*.conf"]
    select: api.example.com:443
  proxy:
    product: black-box
    timers: {connect.idle_keep: 300s, connect.attempts: 3, accept.idle_close: never, flow.idle_tcp: off}
  app:
    product: gunicorn
    settings: {keepalive: 10, timeout: {client: 30s}, bind: [a, b]}
  nat: {product: aws-nat-gateway, variant: x}
paths:
  - app -> proxy -> vm
  - {path: app -> nat, protocol: mysql}
assume:
  - {timer: connect.request_total, product: browser, value: 60s}
rules:
  ignore: [retry-amplification]
  severity: {no-read-limit: note}
  params: {idle-reuse-race: {margin: 2s}}
  paths: [ops/rules]
  per-path:
    - {path: "old/*", ignore: [idle-reuse-race]}
products:
  paths: [ops/products]
"""


def read(text: str) -> Config:
    return load(SourceFile("tochain.yaml", text))


def span(line: int, start: int, end: int) -> Span:
    return Span("tochain.yaml", Pos(line, start), Pos(line, end))


def test_everything() -> None:
    """Each part with its values and places."""
    config = read(FULL)
    assert config.problems == []
    assert list(config.components) == ["vm", "proxy", "app", "nat"]
    vm, proxy, app, nat = config.components.values()
    assert (vm.product, vm.versions.text, vm.select, vm.span) == (
        "nginx",
        ">=1.20,<1.29",
        "api.example.com:443",
        span(3, 3, 5),
    )
    assert [text for text, _ in vm.config] == ["vm/nginx.conf", "vm/conf.d/*.conf"]
    assert proxy.timers == (
        DeclaredTimer("connect.idle_keep", seconds(300), "300s", span(10, 33, 37)),
        DeclaredTimer("connect.attempts", Finite(3), "3", span(10, 57, 58)),
        DeclaredTimer("accept.idle_close", NEVER, "never", span(10, 79, 84)),
        DeclaredTimer("flow.idle_tcp", OFF, "off", span(10, 101, 104)),
    )
    assert app.settings == (
        Setting("keepalive", "10", span(13, 27, 29), "declared"),
        Setting("timeout.client", "30s", span(13, 49, 52), "declared"),
        Setting("bind", "a", span(13, 62, 63), "declared"),
        Setting("bind", "b", span(13, 65, 66), "declared"),
    )
    assert nat.variant == "x"
    assert config.paths == [
        DeclaredPath(
            (("app", span(16, 5, 8)), ("proxy", span(16, 12, 17)), ("vm", span(16, 21, 23))), "", span(16, 5, 23)
        ),
        DeclaredPath((("app", span(17, 12, 15)), ("nat", span(17, 19, 22))), "mysql", span(17, 12, 22)),
    ]
    assert config.assume == [Assumption("connect.request_total", seconds(60), span(19, 61, 64), "browser")]
    assert (config.ignore, config.severity) == (["retry-amplification"], {"no-read-limit": "note"})
    assert config.params == {"idle-reuse-race": {"margin": ("2s", span(23, 38, 40))}}
    assert config.per_path == [PathRule("old/*", ("idle-reuse-race",))]
    assert (config.rule_paths, config.product_paths) == (
        [("ops/rules", span(24, 11, 20))],
        [("ops/products", span(28, 11, 23))],
    )


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("version: 2", (1, 10, 11), "version '2' is not known; this tochain reads version 1"),
        ("version: [1]", (1, 10, 13), "version: expected one value"),
        ("componets: {}", (1, 1, 10), "unknown key 'componets' in tochain.yaml; did you mean 'components'?"),
        ("zzz: 1", (1, 1, 4), "unknown key 'zzz' in tochain.yaml; allowed: version, components, paths, assume, rules, products"),
        ("- a", (1, 1, 4), "tochain.yaml: expected a mapping with version, components, paths, assume, rules, products"),
        ("components: [a]", (1, 13, 16), "components: expected a mapping from name to what it is"),
        ("components: {a: {product: nginx, confg: x}}", (1, 34, 39), "unknown key 'confg' in component a; did you mean 'config'?"),
        ("components: {a b: {product: nginx}}", (1, 14, 17), "a component's name has letters, digits and . _ - : / @ only, not 'a b'"),
        ("components: {a: {version: '1'}}", (1, 14, 15), "component a: product is missing (tochain products lists the names)"),
        ("components: {a: {product: [x]}}", (1, 27, 30), "product: expected one value"),
        ("components: {a: {product: x, timers: 3s}}", (1, 38, 40), "timers: expected a mapping such as {connect.idle_keep: 300s}"),
        ("components: {a: {product: x, settings: 3s}}", (1, 40, 42), "settings: expected a mapping from the product's own setting names"),
        (
            "components: {a: {product: x, timers: {connect.idle_keep: 300}}}", (1, 58, 61),
            "connect.idle_keep: '300' is no duration: expected 300s, 5m, 1h30m, 250ms, never or off; 300 of what? Write 300s or 300ms",
        ),
        (
            "components: {a: {product: x, timers: {connect.idle_keep: soon}}}", (1, 58, 62),
            "connect.idle_keep: 'soon' is no duration: expected 300s, 5m, 1h30m, 250ms, never or off",
        ),
        ("components: {a: {product: x, timers: {connect.attempts: 3s}}}", (1, 57, 59), "connect.attempts counts: expected a whole number, got '3s'"),
        ("paths: a -> b", (1, 8, 14), "paths: expected a list"),
        ("paths: [a]", (1, 9, 10), "a path names at least two components: a -> b"),
        ("paths: [a -> b -> a]", (1, 19, 20), "a stands twice in this path: a path has no cycle"),
        ("paths: [{protocol: http}]", (1, 9, 25), "a path: expected `a -> b -> c`, or {path: a -> b, protocol: http}"),
        ("paths: [{path: a -> b, protcol: http}]", (1, 24, 31), "unknown key 'protcol' in a path; did you mean 'protocol'?"),
        ("assume: [{timer: connect.idle_keep}]", (1, 10, 36), "an assumption: expected {timer: ..., product: ..., value: ...}"),
        ("assume: [{timer: connect.idle_keep, value: 3}]", (1, 44, 45), "connect.idle_keep: '3' is no duration: expected 300s, 5m, 1h30m, 250ms, never or off; 3 of what? Write 3s or 3ms"),
        ("rules: {severity: {no-read-limit: fatal}}", (1, 35, 40), "severity 'fatal'; expected error, warning or note"),
        ("rules: {per-path: [{path: x}]}", (1, 20, 29), "per-path: expected {path: glob, ignore: [rule, ...]}"),
        ("rules: {selct: [a]}", (1, 9, 14), "unknown key 'selct' in rules; allowed: ignore, severity, params, paths, per-path"),
        ("products: {path: [a]}", (1, 12, 16), "unknown key 'path' in products; did you mean 'paths'?"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place(text: str, at: tuple[int, int, int], message: str) -> None:
    """One problem, at the word that is wrong, with what was expected; it fails the file."""
    config = read(text + "\n")
    assert [(p.span, p.message, p.status) for p in config.problems] == [(span(*at), message, "failed")]


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("components: {a: {product: ngnix}}", (1, 14, 15), "component a: no product 'ngnix'; nearest: nginx"),
        ("components: {a: {product: nginx, config: no.conf}}", (1, 42, 49), "component a: config no.conf was not found"),
        ("components: {a: {product: nginx, settings: {keepalive_timeut: 3}}}", (1, 63, 64), "component a: nginx has no setting 'keepalive_timeut' that tochain knows; nearest: keepalive_timeout"),
        ("components: {a: {product: nginx}}\npaths: [a -> bb]", (2, 14, 16), "no component 'bb'; declared are: a"),
        ("components: {abc: {product: nginx}, d: {product: nginx}}\npaths: [d -> abd]", (2, 14, 17), "no component 'abd'; did you mean 'abc'?"),
        ("rules: {ignore: [idle-reuse-rase]}", (1, 18, 33), "no rule or family 'idle-reuse-rase'; nearest: idle-reuse-race"),
        ("rules: {severity: {no-read-limt: note}}", (1, 20, 32), "no rule or family 'no-read-limt'; nearest: no-read-limit"),
        ("rules: {per-path: [{path: x, ignore: [no-read-limt]}]}", (1, 39, 51), "no rule or family 'no-read-limt'; nearest: no-read-limit"),
    ],
)  # fmt: skip
def test_names_nobody_knows_have_their_place(text: str, at: tuple[int, int, int], message: str) -> None:
    """Products, settings, components, files and rules are held against what is known."""
    (report,) = [file for file in check_files({"tochain.yaml": text + "\n"}).files if file.path == "tochain.yaml"]
    (problem,) = report.problems
    assert problem.span == span(*at)
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing\n", "version: 1\n", "components:\npaths:\nassume:\nrules:\nproducts:\n", "---\n"]
)
def test_nothing_is_nothing(text: str) -> None:
    """Empty parts are allowed."""
    config = read(text)
    assert (config.problems, config.components, config.paths) == ([], {}, [])


def test_the_rest_is_still_used() -> None:
    """A mistake costs its own entry only."""
    config = read(
        dedent("""\
        components:
          a: {product: x, timers: {connect.idle_keep: 300, connect.read_stall: 5s}}
          b: {product: y}
        paths: [a, a -> b]
        """)
    )
    assert [t.timer for t in config.components["a"].timers] == ["connect.read_stall"]
    assert [[name for name, _ in path.names] for path in config.paths] == [["a", "b"]]
    assert len(config.problems) == 2


def test_words_of_timers_that_are_words() -> None:
    """on and off however YAML people write them."""
    text = "components: {a: {product: x, timers: {%s: %s}}}\n"
    word = next(name for name, timer in TIMERS.items() if timer.kind == "word")
    found = [read(text % (word, said)).components["a"].timers[0].limit for said in ("yes", "true", "off", "no", "drop")]
    assert found == [Word("on"), Word("on"), OFF, OFF, Word("drop")]


@given(st.text(max_size=200))
def test_whatever_it_is_it_is_no_crash(text: str) -> None:
    """Any text at all comes to a configuration and problems with places in the file."""
    config = read(text)
    assert all(problem.span.path == "tochain.yaml" and problem.span.start.line >= 1 for problem in config.problems)


def test_ten_thousand_levels_are_no_crash() -> None:
    """A hostile nesting is a problem, not an exception."""
    config = read("components: " + "{a: " * 10_000 + "1" + "}" * 10_000 + "\n")
    assert config.problems
