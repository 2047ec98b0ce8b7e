"""What is in force at one place of a configuration: its own settings over those of the blocks around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from tochain.formats.nginx import Directive
from tochain.formats.nginx_table import allowed, most_args
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.limit import Finite, Unknown
from tochain.products.nginx.names import Form, form, module_of
from tochain.products.nginx.times import parse_time, plain

__all__ = ["FILLED", "HEADER", "Level", "Reader", "fill"]

HEADER: Final = "proxy_set_header"
FILLED: Final = re.compile(r"\$|\{\{|\{%|<%|\{[A-Z]|^[@%]\w+[@%]$|^__\w+__$")
"""What marks a text that a request, the environment or a template fills in."""
_HEADERS: Final = ("connection", "upgrade")
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}|\$(\w+)")


@dataclass(slots=True)
class Level:
    """One block and what is in force in it.

    `settings` are its own (origin "written") and those it takes over (origin "inherited"); `own` are the names it sets
    itself. `context` is crossplane's name of the context, `label` the block's name for people. Levels that set nothing
    share the dictionary of the level above.
    """

    context: tuple[str, ...]
    label: str
    settings: Settings = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    _below: Settings | None = None
    _modules: dict[str, Settings] = field(default_factory=dict)
    _modules_below: dict[str, Settings] = field(default_factory=dict)

    def below(self) -> Settings:
        """The settings as a block inside sees them."""
        if self._below is None:
            if all(s.origin == "inherited" for found in self.settings.values() for s in found):
                self._below, self._modules_below = self.settings, self._modules
            else:
                self._below = {name: tuple(s.inherited() for s in found) for name, found in self.settings.items()}
        return self._below

    def inside(self, context: tuple[str, ...], label: str, own: Settings) -> Level:
        """The level of a block in this one, with settings of its own.

        Headers are a list: one of them in the inner block replaces all of the outer one.
        """
        below = self.below()
        if not own:
            return Level(
                context, label, below, _below=below, _modules=self._modules_below, _modules_below=self._modules_below
            )
        if HEADER in own:
            below = {name: found for name, found in below.items() if not name.startswith(HEADER)}
        return Level(context, label, {**below, **own}, frozenset(own))

    def of(self, module: str) -> Settings:
        """The settings in force for a connection that one module opens: its own ones and those of no module."""
        if module not in self._modules:
            self._modules[module] = {
                name: found for name, found in self.settings.items() if module_of(name) in (None, module)
            }
        return self._modules[module]


@dataclass(slots=True)
class Reader:
    """Turns directives into settings; what is wrong with them goes to `issues`, what cannot be read to `complain`."""

    complain: Callable[[Directive, str], None]
    env: dict[str, str] = field(default_factory=dict)
    plain: dict[str, Setting] = field(default_factory=dict)
    """For variables that a map makes from the Upgrade header: what they are for a request without one."""
    issues: list[Issue] = field(default_factory=list)

    def read(self, directives: Iterable[Directive], context: tuple[str, ...], label: str, prefix: str = "") -> Settings:
        """The settings among the directives of one block, by name (with `prefix` in front)."""
        own: Settings = {}
        for directive in directives:
            name = directive.name
            if name == HEADER:
                self._header(directive, label, own)
            elif (kind := form(name)) is not None and self._may_stand(directive, context, label):
                if name == "resolver":
                    self._resolver(directive, label, own)
                else:
                    self._one(directive, kind, label, prefix, own)
        return own

    def _may_stand(self, directive: Directive, context: tuple[str, ...], label: str) -> bool:
        if directive.name.startswith("resolver") or allowed(directive.name, context) is not False:
            return True
        self.complain(
            directive, f"{directive.name} is not allowed in {label or 'the main context'}; nginx refuses that"
        )
        return False

    def _one(self, directive: Directive, kind: Form, label: str, prefix: str, own: Settings) -> None:
        name = prefix + directive.name
        texts = tuple(fill(text, self.env) for text in directive.texts)
        if not texts:
            self.complain(directive, f"{directive.name} has no value")
            return
        if len(texts) > 1 and directive.alternatives:
            text = " ".join(texts)
            own[name] = (Setting(name, text, directive.span, limit=_filled(text), scope=label),)
            return
        if len(texts) > most_args(directive.name):
            own[name] = (self.refuse(name, " ".join(texts), directive, label, f'too many values "{" ".join(texts)}"'),)
            return
        if name in own:
            self.complain(directive, f"{directive.name} stands twice in this block; nginx refuses that")
            return
        if kind == "time":
            own[name] = (self.time(name, texts[0], directive, label),)
            if directive.name == "keepalive_timeout" and len(texts) > 1:
                own[f"{name} hint"] = (self.time(f"{name} hint", texts[1], directive, label, whole_seconds=True),)
            return
        text = " ".join(texts) if kind == "words" else texts[0]
        limit = _filled(text) if FILLED.search(text) else None
        if kind == "count" and limit is None and not re.fullmatch(r"\d{1,15}", text):
            own[name] = (self.refuse(name, text, directive, label, f'invalid number "{text}"'),)
            return
        own[name] = (Setting(name, text, directive.span, limit=limit, scope=label),)

    def time(self, name: str, text: str, directive: Directive, label: str, whole_seconds: bool = False) -> Setting:
        """A setting whose value is a time in nginx's grammar."""
        if FILLED.search(text):
            return Setting(name, text, directive.span, limit=_filled(text), scope=label)
        try:
            amount = parse_time(text, whole_seconds)
        except ValueError as error:
            return self.refuse(name, text, directive, label, str(error))
        # Plain forms are left to the common reader, which knows what 0 means.
        limit = None if plain(text) or amount == 0 else Finite(amount * 1000)
        return Setting(name, text if amount else "0", directive.span, limit=limit, scope=label)

    def refuse(self, name: str, text: str, directive: Directive, label: str, why: str) -> Setting:
        """An unknown value for a text nginx does not accept, and the issue that says so."""
        span = directive.span
        self.issues.append(
            Issue("setting-out-of-range", name, text, span, f"nginx refuses to start: {why} in {directive.name}")
        )
        return Setting(name, text, span, limit=Unknown(why), scope=label)

    def _header(self, directive: Directive, label: str, own: Settings) -> None:
        texts = directive.texts
        if HEADER not in own:
            own[HEADER] = (Setting(HEADER, " ".join(texts), directive.span, scope=label),)
        if len(texts) >= 2 and texts[0].lower() in _HEADERS:
            name = f"{HEADER} {texts[0].title()}"
            own[name] = (*own.get(name, ()), Setting(name, texts[1], directive.span, scope=label))
            plain = self.plain.get(texts[1])
            if plain is not None:
                own[f"{name} plain"] = (replace(plain, name=f"{name} plain"),)

    def _resolver(self, directive: Directive, label: str, own: Settings) -> None:
        texts = directive.texts
        own["resolver"] = (Setting("resolver", " ".join(texts), directive.span, scope=label),)
        for text in texts:
            if text.startswith("valid="):
                own["resolver valid"] = (self.time("resolver valid", text[6:], directive, label, whole_seconds=True),)


def _filled(text: str) -> Unknown:
    return Unknown(f"filled in later: {text[:60]}")


def fill(text: str, env: dict[str, str]) -> str:
    """A text with the variables of the environment filled in that are known; others stay."""
    if "$" not in text or not env:
        return text
    return _VARIABLE.sub(lambda found: env.get(found[1] or found[2], found[0]), text)
