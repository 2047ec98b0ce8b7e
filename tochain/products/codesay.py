"""What is said about a server or client in source code: arguments, methods called on it, properties given to it."""

from __future__ import annotations

from tochain.formats.code import Call
from tochain.formats.codenames import Argument, Node
from tochain.formats.codeparts import key_of
from tochain.formats.constant import Evaluator
from tochain.model.component import Address
from tochain.model.fact import Setting
from tochain.model.limit import UNSET, Unknown
from tochain.model.span import Span
from tochain.products.codefound import Found, is_file
from tochain.products.codematch import Matcher
from tochain.products.codeoptions import Option, hidden_in
from tochain.products.codevalue import listening, reach, settings_of
from tochain.products.patterns import Feed, Target

__all__ = ["Sayings"]

_UNITS = ("timeUnit", "unit")
_CONDITIONS = ("if_statement", "if", "if_expression", "if_modifier")


class Sayings:
    """Gives what was found in a file its settings, the ports it listens on, and the addresses it connects to."""

    def __init__(self, evaluator: Evaluator, matcher: Matcher) -> None:
        self.code = evaluator.code
        self.evaluator = evaluator
        self.matcher = matcher

    def arguments(self, found: Found, given: tuple[Argument, ...]) -> None:
        """The arguments of the call that makes it."""
        options = found.pattern.options
        named = self.matcher.named(given)
        unit = next((option.value for option in named if option.name in _UNITS), None)
        for option in named:
            if option.name in options:
                self.feed(found, options[option.name], option, unit)
        self._positional(found, options, given)
        for at, argument in enumerate(given):
            if (argument.name or str(at)) in found.pattern.strings:
                self._string(found, argument)
        self._lacking(found, given)
        self._hidden(found, options, given)

    def method(self, found: Found, call: Call, prefix: str = "") -> None:
        """A method called on it: a setting, a port to listen on, or a request."""
        pattern = found.pattern
        name = prefix + call.last
        arguments = self.code.arguments(call.node)
        keyed = self._keyed(name, arguments)
        feed = pattern.methods.get(name) or pattern.methods.get(keyed)
        if feed is not None:
            self._method_setting(found, feed, call, arguments)
        self.keyed(found, call, arguments, prefix)
        if name in pattern.updates:
            self.properties(found, name.rpartition(".")[0] + "." if "." in name else "", arguments)
        if pattern.listen is not None and name in pattern.listen.methods:
            found.listens += listening(self.evaluator, pattern.listen, arguments, method=name)
        asked = pattern.requests.methods if pattern.requests is not None else {}
        if pattern.requests is not None and (name in asked or keyed in asked):
            self._request(found, pattern.requests, name if name in asked else keyed, call, arguments)

    def keyed(self, found: Found, call: Call, arguments: tuple[Argument, ...], prefix: str = "") -> None:
        """A property given by its key: `props.put(Keys.READ_TIMEOUT, 30)`, `System.setProperty("read.timeout", "30")`."""
        if call.last in found.pattern.puts and len(arguments) > 1:
            self.given(found, prefix, Argument(key_of(arguments[0].value), arguments[1].value, call.node))

    def by_function(self, found: Found, call: Call, given: tuple[Argument, ...]) -> None:
        """What a function gives an object: a key and its value, or a table of both."""
        if len(given) > 1:
            self.given(found, "", Argument(key_of(given[0].value), given[1].value, call.node))
        for option in self.matcher.named(given) if len(given) == 1 else ():
            self.given(found, "", Argument(option.name, option.value, option.node))

    def _keyed(self, name: str, arguments: tuple[Argument, ...]) -> str:
        """`option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 5000)`: a method whose first argument names the setting."""
        key = key_of(arguments[0].value) if len(arguments) > 1 else ""
        return f"{name}({key})" if key else ""

    def _method_setting(self, found: Found, feed: Feed, call: Call, arguments: tuple[Argument, ...]) -> None:
        place = self._tail(call)
        if feed.text:
            found.settings += [Setting(name, feed.text, place) for name in feed.settings]
        elif feed.argument < len(arguments) and not (feed.argument and arguments[feed.argument].name):
            given = arguments[feed.argument].value
            after = arguments[feed.argument + 1].value if feed.argument + 1 < len(arguments) else None
            if not self.matcher.is_part(given):
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
        for option in self.matcher.named(arguments):
            if option.name in options:
                self.feed(own, options[option.name], option)
        self._hidden(own, options, arguments)
        span = self.code.span(call.node)
        at = target.methods[name]
        where = (
            Target(host=at, port=target.port, default_port=target.default_port)
            if target.port
            else Target(url=at, default_port=target.default_port)
        )
        found.links += reach(self.evaluator, where, arguments, span, call.path, settings=tuple(own.everything()))

    def given(self, found: Found, prefix: str, argument: Argument) -> bool:
        """A value given to it by name: a property, a port or an address; whether it knows it as its own."""
        listen, requests, name = found.pattern.listen, found.pattern.requests, prefix + argument.name
        if self.properties(found, prefix, (argument,)):
            return True
        if name in found.pattern.strings:
            self._string(found, argument)
        if listen is not None and is_file(found.pattern):
            found.listens += self.bound_address(argument.value)
            return False
        if listen is not None and name in listen.port:
            found.listens += self.bound_address(argument.value)
            return True
        if requests is not None and name in requests.methods:
            where = Target(url=("0",), default_port=requests.default_port)
            alone = (Argument("", argument.value, argument.node),)
            found.links += reach(self.evaluator, where, alone, self.code.span(argument.node), found.pattern.name)
            return True
        return False

    def properties(self, found: Found, prefix: str, given: tuple[Argument, ...]) -> bool:
        """The properties among named values, in tables among them too; whether there is one."""
        feeds = [
            (feed, option)
            for option in self.matcher.named(given)
            if (feed := _feed_of(found.pattern.properties, prefix + option.name)) is not None
        ]
        for feed, option in feeds:
            self.property(found, feed, option)
        return bool(feeds)

    def property(self, found: Found, feed: Feed, option: Option) -> None:
        """One property; where it is set only if a variable is, and nothing sets that, its default is likely."""
        variable = self._only_if_set(option.value)
        if not variable:
            self.feed(found, feed, option)
            return
        because, span = f"unless environment variable {variable} is set", self.code.span(option.node)
        found.settings += [
            Setting(name, variable, span, "assumed", limit=UNSET, because=because) for name in feed.settings
        ]

    def _only_if_set(self, node: Node) -> str:
        """The variable of `if (process.env.KEEP_ALIVE) server.keepAliveTimeout = Number(process.env.KEEP_ALIVE)`."""
        value = self.evaluator.value(node)
        if value.known or value.likely is not None:
            return ""
        return value.variable if any(a.kind() in _CONDITIONS for a in self.code.enclosing(node)) else ""

    def bound_address(self, value: Node) -> list[Address]:
        """`bind = "0.0.0.0:8000"`, or a list of such."""
        expr = self.code.expr(value)
        nodes = [part.value for part in expr.parts] if expr.kind == "list" else [value]
        wanted = Target(url=("0",))
        return [a for node in nodes for a in listening(self.evaluator, wanted, (Argument("", node, node),), own=True)]

    def feed(self, found: Found, feed: Feed, option: Option, after: Node | None = None) -> None:
        """One value given to it; what is a part or a table itself is found elsewhere."""
        if not self.matcher.is_part(option.value) and option.home.opened(option.value) is None:
            into = found.general if len(feed.settings) > 1 else found.settings
            into += settings_of(option.home, feed, option.value, option.home.code.span(option.node), after)

    def _string(self, found: Found, argument: Argument) -> None:
        """The options in a text such as `cache:6379,syncTimeout=3000`; no other part of it is kept."""
        value = self.evaluator.value(argument.value)
        for part in (value.text if value.kind == "text" else "").split(","):
            name, equals, text = part.partition("=")
            feed = found.pattern.options.get(name.strip()) if equals else None
            if feed is not None:
                span = self.code.span(argument.node)
                found.settings += [Setting(one, text.strip(), span, unit=feed.unit) for one in feed.settings]

    def _positional(self, found: Found, feeds: dict[str, Feed], arguments: tuple[Argument, ...]) -> None:
        """Options that go by position."""
        for at, argument in enumerate(arguments):
            feed = feeds.get(str(at))
            if self.evaluator.unit_of(argument.value) is not None:
                continue
            if feed is not None and not argument.name and self.evaluator.opened(argument.value) is None:
                after = arguments[at + 1].value if at + 1 < len(arguments) else None
                self.feed(found, feed, Option("", argument.node, argument.value, self.evaluator), after)

    def _lacking(self, found: Found, arguments: tuple[Argument, ...]) -> None:
        """Settings that stand in a table made elsewhere: nobody knows them, unless a part turns out to be that table."""
        pattern = found.pattern
        self.partial(found)
        given = [(argument.node, argument.value) for argument in _at(arguments, pattern.tables)]
        named = self.matcher.named(arguments) if pattern.tables else []
        given += [(option.node, option.value) for option in named if option.name in pattern.tables]
        for node, value in given:
            expr = self.code.expr(value)
            if (
                expr.kind in ("name", "call")
                and self.evaluator.opened(value) is None
                and not self.matcher.is_part(value)
            ):
                text, span = str(value.text())[:60], self.code.span(node)
                limit = Unknown(f"it may be among {text}")
                found.lacking += [Setting(name, text, span, limit=limit) for name in pattern.taken]

    def partial(self, found: Found) -> None:
        """What has settings already that nobody can see here, where its pattern says so."""
        text = found.pattern.partial
        if text:
            found.general += [Setting(name, text, found.span, limit=Unknown(text)) for name in found.pattern.taken]

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


def _at(arguments: tuple[Argument, ...], places: tuple[str, ...]) -> list[Argument]:
    """The arguments at positions."""
    return [argument for at, argument in enumerate(arguments) if not argument.name and str(at) in places]
