"""What one source file holds: the servers and clients it makes, with the settings said about each."""

from __future__ import annotations

import re
from collections import defaultdict

from tochain.formats.code import Binding, Call
from tochain.formats.codenames import Argument, Node
from tochain.formats.constant import Evaluator
from tochain.model.component import Address
from tochain.model.fact import Setting
from tochain.model.limit import Unknown
from tochain.model.span import Span
from tochain.products.codefound import Found, is_file, joined
from tochain.products.codeoptions import TABLES, Option, hidden_in, options_of
from tochain.products.codevalue import listening, reach, settings_of
from tochain.products.imports import aliases, imported, uses
from tochain.products.patterns import Feed, Pattern, Target

__all__ = ["scan", "wanted_patterns"]

_MAX = 400
_UNITS = ("timeUnit", "unit")
_CONDITIONS = ("if_statement", "if", "if_expression", "if_modifier")
_DECLARED = re.compile(
    r"^[ \t]*(?:[a-z]+[ \t]+)*(?:class|interface|object|struct|record)[ \t]+([A-Z]\w*)", re.MULTILINE
)
_BLOCKS = ("apply", "also")
"""Methods of Kotlin whose block speaks of what they are called on."""


def wanted_patterns(patterns: tuple[Pattern, ...], family: str, text: str) -> tuple[Pattern, ...]:
    """The patterns of which some word and some import stand in the text: a look before anything is parsed."""
    worded = tuple(p for p in patterns if not p.words or any(word in text for word in p.words))
    if not worded:
        return ()
    modules = imported(family, text)
    return tuple(p for p in worded if not p.imports or uses(modules, p.imports))


def scan(evaluator: Evaluator, patterns: tuple[Pattern, ...]) -> list[Found]:
    """Everything the patterns find in a file, in file order, parts joined to what they belong to."""
    scanner = _Scanner(evaluator, patterns)
    return scanner.run() if scanner.patterns else []


def _feed_of(properties: dict[str, Feed], name: str) -> Feed | None:
    """The feed of a dotted name; a star in a property's name stands for one part."""
    if name in properties:
        return properties[name]
    parts = name.split(".")
    for known, feed in properties.items():
        wanted = known.split(".") if "*" in known else []
        if len(wanted) == len(parts) and all(w in ("*", p) for w, p in zip(wanted, parts, strict=True)):
            return feed
    return None


class _Scanner:
    def __init__(self, evaluator: Evaluator, patterns: tuple[Pattern, ...]) -> None:
        self.code = evaluator.code
        self.patterns = patterns
        self.aliases = aliases(self.code.family, self.code.source.text)
        self.evaluator = evaluator
        self.declared = frozenset(_DECLARED.findall(self.code.source.text))
        self.found: list[Found] = []
        self.calls: list[Call] = []
        self.blocks: list[Found] = []
        self.chained: set[tuple[int, int]] = set()

    def run(self) -> list[Found]:
        names = {call[-1] for p in self.patterns for call in p.calls}
        names |= {local for local, whole in self.aliases.items() if whole.rpartition(".")[2] in names}
        names |= {"assign"} if any(p.properties for p in self.patterns) else set()
        for p in self.patterns:
            names |= {method.split(".")[-1].partition("(")[0] for method in (*p.methods, *p.updates)}
            for target in (p.requests, p.listen):
                names |= set(target.methods) if target else set()
        every = any(p.having for p in self.patterns)
        self.calls = list(self.code.calls(None if every else frozenset(names)))
        for call in self.calls[: _MAX * 20]:
            taken: set[str] = set()
            for pattern in self.patterns:
                if pattern.product not in taken and len(self.found) < _MAX and self._matches(pattern, call):
                    self.found.append(self._make(pattern, call))
                    taken.add(pattern.product)
        for pattern in self.patterns:
            if is_file(pattern):
                self.found.append(self._whole_file(pattern))
        if not self.found and not any(p.enough for p in self.patterns):
            return []
        self._around()
        return joined(self.found)

    # ------------------------------------------------------------- recognising

    def _resolved(self, call: Call) -> list[str]:
        first, _, rest = call.path.partition(".")
        whole = self.aliases.get(first, first) + (f".{rest}" if rest else "")
        return whole.split(".")

    def _matches(self, pattern: Pattern, call: Call) -> bool:
        path: list[str] | None = None
        if pattern.having:
            return any(option.name in pattern.having for option in self._named(self.code.arguments(call.node)))
        for spec in pattern.calls:
            if spec[-1] != call.last and (call.base or call.last not in self.aliases):
                continue
            if spec[0] == "*":
                if (call.base or call.root is not None) and (
                    len(spec) < 3 or call.path.split(".")[-len(spec) + 1 :] == list(spec[1:])
                ):
                    return True
                continue
            if call.root is not None or self._own(call):
                continue
            path = path or self._resolved(call)
            if self._same(path, spec):
                return True
        return False

    def _own(self, call: Call) -> bool:
        """Whether the file declares a class of that name itself, so that no library's is meant."""
        first = call.path.partition(".")[0]
        return first not in self.aliases and first in self.declared

    def _same(self, path: list[str], spec: tuple[str, ...]) -> bool:
        if tuple(path) == spec:
            return True
        if len(path) <= len(spec):
            return False
        if self.code.family == "python":
            return len(spec) > 1 and path[: len(spec) - 1] == list(spec[:-1]) and path[-1] == spec[-1]
        return self.code.family in ("java", "kotlin", "csharp", "rust", "ruby") and tuple(path[-len(spec) :]) == spec

    def _make(self, pattern: Pattern, call: Call) -> Found:
        top, chain = self._chain(call.node)
        place = top.range()
        found = Found(
            pattern, self.code.span(call.node), call.node, place.start.index, place.end.index, self._variable(top),
            mentions=str(top.text())[:4_000] if pattern.role != "part" or pattern.calls else "",
        )  # fmt: skip
        arguments = self.code.arguments(call.node)
        named = self._named(arguments)
        unit = next((option.value for option in named if option.name in _UNITS), None)
        for option in named:
            if option.name in pattern.options:
                self._feed(found, pattern.options[option.name], option, unit)
        self._arguments(found, pattern.options, arguments)
        self._hidden(found, pattern.options, arguments)
        for outer in chain:
            self.chained.add((outer.node.range().start.index, outer.node.range().end.index))
            self._method(found, outer)
            found.block = found.block or outer.last in _BLOCKS
        if pattern.listen is not None:
            found.listens += listening(self.evaluator, pattern.listen, arguments, own=True)
        if pattern.target is not None:
            found.links += reach(self.evaluator, pattern.target, arguments, found.span, call.path)
        said = {setting.name for setting in found.settings}
        for name, text in pattern.implied.items():
            if name not in said:
                found.settings.append(Setting(name, text, found.span))
        return found

    def _chain(self, node: Node) -> tuple[Node, list[Call]]:
        """The longest expression that starts with a node, and the methods called on the way."""
        from tochain.formats.languages import MEMBERS, WRAPPERS

        calls: list[Call] = []
        top = node
        for around in self.code.enclosing(node):
            kind = around.kind()
            if kind in WRAPPERS and kind not in (
                "argument",
                "value_argument",
                "expression_statement",
                "literal_element",
            ):
                continue
            if kind == "unary_expression" and str(around.text())[:1] == "&":
                top = around
                continue
            if kind not in MEMBERS and kind not in ("call", "navigation_suffix", "call_suffix"):
                call = self.code.call(around)
                if call is None or call.root is None:
                    break
            call = self.code.call(around)
            if call is not None:
                calls.append(call)
            top = around
        return top, calls

    def _variable(self, top: Node) -> str:
        if top.kind() == "var_spec":
            return str(top.field("name").text())
        for around in self.code.enclosing(top):
            binding = self.code.binding(around)
            if binding is not None:
                value, place = self.code.expr(binding.value).node.range(), top.range()
                same = value.end.index == place.end.index and value.start.index >= place.start.index
                return binding.path if same else ""
            if around.kind() in (
                "argument_list",
                "arguments",
                "block",
                "statement_block",
                "program",
                "pair",
                "value_arguments",
            ):
                return ""
        return ""

    def _whole_file(self, pattern: Pattern) -> Found:
        root = self.code.root
        first = next((child for child in root.children() if child.is_named() and "comment" not in child.kind()), root)
        size = len(self.code.source.text)
        found = Found(pattern, self.code.source.whole_line(self.code.span(first).start.line), root, 0, size)
        found.settings += [Setting(name, text, found.span) for name, text in pattern.implied.items()]
        return found

    # ---------------------------------------------------------------- settings

    def _feed(self, found: Found, feed: Feed, option: Option, after: Node | None = None) -> None:
        if not self._is_part(option.value) and option.home.opened(option.value) is None:
            into = found.general if len(feed.settings) > 1 else found.settings
            into += settings_of(option.home, feed, option.value, option.home.code.span(option.node), after)

    def _is_part(self, value: Node) -> bool:
        """Whether a value is a part found by itself, such as `httpx.Timeout(5)`."""
        expr = self.code.expr(value)
        if expr.kind == "name" and expr.root is None:
            bound = self.code.values.get(expr.text, [])
            if len(bound) != 1:
                return False
            expr = self.code.expr(bound[0].value)
        call = self.code.call(expr.node) if expr.kind == "call" else None
        while call is not None:
            if any(p.role == "part" and self._matches(p, call) for p in self.patterns):
                return True
            call = self.code.call(call.root) if call.root is not None else None
        return False

    def _arguments(self, found: Found, feeds: dict[str, Feed], arguments: tuple[Argument, ...]) -> None:
        """Options that go by position."""
        for at, argument in enumerate(arguments):
            feed = feeds.get(str(at))
            if feed is not None and not argument.name and self.evaluator.opened(argument.value) is None:
                after = arguments[at + 1].value if at + 1 < len(arguments) else None
                self._feed(found, feed, Option("", argument.node, argument.value, self.evaluator), after)

    def _hidden(self, found: Found, feeds: dict[str, Feed], arguments: tuple[Argument, ...]) -> None:
        """Options that may be among what comes from elsewhere, `requests.get(url, **kwargs)`: nobody knows them here."""
        hidden = hidden_in(self.evaluator, arguments)
        if hidden is None:
            return
        text, span = str(hidden.text())[:60], self.code.span(hidden)
        said = {setting.name for setting in (*found.settings, *found.general)}
        names = dict.fromkeys(name for key, feed in feeds.items() if not key.isdecimal() for name in feed.settings)
        unknown = Unknown(f"it may be among {text}")
        found.general += [Setting(name, text, span, limit=unknown) for name in names if name not in said]

    def _named(self, arguments: tuple[Argument, ...]) -> list[Option]:
        return options_of(self.evaluator, arguments)

    def _method(self, found: Found, call: Call, prefix: str = "") -> None:
        """A method called on what was found: a setting, a port to listen on, or a request."""
        pattern = found.pattern
        name = prefix + call.last
        arguments = self.code.arguments(call.node)
        feed = pattern.methods.get(name) or self._keyed(pattern, name, arguments)
        if feed is not None:
            self._method_setting(found, feed, call, arguments)
        if name in pattern.updates:
            self._properties(found, name.rpartition(".")[0] + "." if "." in name else "", arguments)
        if pattern.listen is not None and name in pattern.listen.methods:
            found.listens += listening(self.evaluator, pattern.listen, arguments, method=name)
        if pattern.requests is not None and name in pattern.requests.methods:
            self._request(found, pattern.requests, name, call, arguments)

    def _keyed(self, pattern: Pattern, name: str, arguments: tuple[Argument, ...]) -> Feed | None:
        """`option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 5000)`: a method whose first argument names the setting."""
        if not arguments or not any(method.startswith(f"{name}(") for method in pattern.methods):
            return None
        key = self.code.expr(arguments[0].value)
        return pattern.methods.get(f"{name}({key.text.rpartition('.')[2]})") if key.kind in ("name", "text") else None

    def _method_setting(self, found: Found, feed: Feed, call: Call, arguments: tuple[Argument, ...]) -> None:
        place = self._tail(call)
        if feed.text:
            found.settings += [Setting(name, feed.text, place) for name in feed.settings]
        elif feed.argument < len(arguments):
            given = arguments[feed.argument].value
            after = arguments[feed.argument + 1].value if feed.argument + 1 < len(arguments) else None
            if not self._is_part(given):
                found.settings += settings_of(self.evaluator, feed, given, place, after)

    def _tail(self, call: Call) -> Span:
        """From the name of a method to the end of its arguments."""
        start = call.node.range().start.index
        end = call.node.range().end.index
        if call.root is not None:
            gap = call.root.range().end.index
            offset = self.code.source.text.find(call.last, gap, end)
            start = offset if offset >= 0 else start
        return self.code.source.span(start, end)

    def _request(self, found: Found, target: Target, name: str, call: Call, arguments: tuple[Argument, ...]) -> None:
        own = Found(found.pattern, found.span, call.node, 0, 0)
        options = {key: feed for key, feed in found.pattern.options.items() if not key.isdecimal()}
        for option in self._named(arguments):
            if option.name in options:
                self._feed(own, options[option.name], option)
        self._hidden(own, options, arguments)
        span = self.code.span(call.node)
        at = target.methods[name]
        where = Target(host=at, port=target.port, default_port=target.default_port) if target.port else Target(url=at)
        found.links += reach(self.evaluator, where, arguments, span, call.path, settings=tuple(own.everything()))

    # -------------------------------------------------------------- statements

    def _around(self) -> None:
        """Settings given to what was found later on, by its variable or inside its block."""
        self.blocks = [f for f in self.found if f.block or f.pattern.bare or is_file(f.pattern)]
        by_name: dict[str, list[Found]] = defaultdict(list)
        for found in self.found:
            if found.variable:
                by_name[found.variable].append(found)
        own = {(f.node.range().start.index, f.node.range().end.index) for f in self.found}
        for call in self.calls:
            place = (call.node.range().start.index, call.node.range().end.index)
            if place in own or place in self.chained:
                continue
            if call.root is not None:
                self._in_block(call)
                continue
            if call.path == "Object.assign":
                self._assigned_at_once(call, by_name)
            for found, prefix in self._owners(call.base, call.node, by_name):
                self._method(found, call, prefix)
        if any(p.properties or is_file(p) for p in self.patterns):
            self._assigned(by_name)

    def _in_block(self, call: Call) -> None:
        """A method behind another one inside a block: `{ b -> b.connectTimeout(5, SECONDS).readTimeout(9, SECONDS) }`."""
        at = call.node.range().start.index
        inside = [found for found in self.blocks if found.start <= at < found.end and not is_file(found.pattern)]
        if inside:
            self._method(inside[-1], call)

    def _assigned_at_once(self, call: Call, by_name: dict[str, list[Found]]) -> None:
        """`Object.assign(server, { keepAliveTimeout: 65_000 })`."""
        arguments = self.code.arguments(call.node)
        target = self.code.expr(arguments[0].value) if arguments else None
        if target is None or target.kind != "name" or target.text not in by_name:
            return
        for found, _ in self._owners(target.text, call.node, by_name):
            self._properties(found, "", arguments[1:])

    def _owners(self, base: str, node: Node, by_name: dict[str, list[Found]]) -> list[tuple[Found, str]]:
        """Whose method or property this is, with the dotted rest between the variable and it."""
        at = node.range().start.index
        names = base.split(".") if base else []
        for length in range(len(names), 0, -1):
            candidates = by_name.get(".".join(names[:length]), [])
            if candidates:
                before = [found for found in candidates if found.start <= at] or candidates[:1]
                rest = ".".join(names[length:])
                return [(before[-1], f"{rest}." if rest else "")]
        inside = [f for f in self.blocks if f.start <= at < f.end]
        if not inside:
            return []
        if is_file(inside[-1].pattern):
            return [(inside[-1], f"{base}." if base else "")]
        rest = ".".join(names[1:])
        return [(inside[-1], f"{rest}." if rest else "")]

    def _assigned(self, by_name: dict[str, list[Found]]) -> None:
        known = {part for p in self.patterns for name in p.properties for part in name.split(".")} - {"*"}
        known |= {name for p in self.patterns if is_file(p) and p.listen is not None for name in p.listen.methods}
        known |= {name for p in self.patterns if p.requests is not None for name in p.requests.methods}
        known |= {name for p in self.patterns if p.listen is not None for name in p.listen.port}
        loose: dict[tuple[str, str], list[tuple[Binding, str]]] = defaultdict(list)
        for binding in self.code.bindings:
            base, _, last = binding.path.rpartition(".")
            if last not in known:
                continue
            owners = self._owners(base, binding.node, by_name)
            taken = False
            for found, prefix in owners:
                if self._properties(found, prefix, (Argument(last, binding.value, binding.node),)):
                    taken = True
                elif found.pattern.listen is not None and is_file(found.pattern):
                    found.listens += self._bound_address(binding.value)
                elif found.pattern.listen is not None and not prefix and last in found.pattern.listen.port:
                    taken = True
                    found.listens += self._bound_address(binding.value)
                elif found.pattern.requests is not None and prefix + last in found.pattern.requests.methods:
                    taken = True
                    given = (Argument("", binding.value, binding.node),)
                    span = self.code.span(binding.node)
                    found.links += reach(self.evaluator, Target(url=("0",)), given, span, found.pattern.name)
            if not taken and base and base.rpartition(".")[2].lower() not in TABLES:
                loose[(base, "")].append((binding, last))
        self._loose(loose)

    def _properties(self, found: Found, prefix: str, given: tuple[Argument, ...]) -> bool:
        """The properties among named values, in tables among them too; whether there is one."""
        feeds = [
            (feed, option)
            for option in self._named(given)
            if (feed := _feed_of(found.pattern.properties, prefix + option.name)) is not None
        ]
        for feed, option in feeds:
            if not self._only_if_set(option.value):
                self._feed(found, feed, option)
        return bool(feeds)

    def _only_if_set(self, node: Node) -> bool:
        """`if (process.env.KEEP_ALIVE) server.keepAliveTimeout = Number(process.env.KEEP_ALIVE)`, and nothing sets that."""
        value = self.evaluator.value(node)
        if value.known or not value.variable or value.likely is not None:
            return False
        return any(around.kind() in _CONDITIONS for around in self.code.enclosing(node))

    def _bound_address(self, value: Node) -> list[Address]:
        """`bind = "0.0.0.0:8000"`, or a list of such."""
        expr = self.code.expr(value)
        nodes = [part.value for part in expr.parts] if expr.kind == "list" else [value]
        wanted = Target(url=("0",))
        return [a for node in nodes for a in listening(self.evaluator, wanted, (Argument("", node, node),), own=True)]

    def _loose(self, loose: dict[tuple[str, str], list[tuple[Binding, str]]]) -> None:
        """Objects nobody saw being made, told by a property nothing else has."""
        for pattern in self.patterns:
            if not pattern.enough:
                continue
            for (base, _), bindings in loose.items():
                names = {last for _, last in bindings}
                if not names & pattern.enough or len(self.found) >= _MAX:
                    continue
                first = bindings[0][0].node
                place = first.range()
                found = Found(pattern, self.code.span(first), first, place.start.index, place.end.index, base)
                for binding, last in bindings:
                    if last in pattern.properties and not self._only_if_set(binding.value):
                        given = Option(last, binding.node, binding.value, self.evaluator)
                        self._feed(found, pattern.properties[last], given)
                self.found.append(found)
