"""Kubernetes: how long a start may take, what a box alone has, and hooks their image cannot run."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts, Setting
from tochain.model.issue import Issue
from tochain.model.limit import Finite, Limit, Unknown, Word
from tochain.products.amend import first
from tochain.products.base import Site
from tochain.products.cron import smallest_gap

__all__ = ["adjust", "issues"]

_SECOND = 1_000_000
_PROBE = ("startupProbe.failureThreshold", "startupProbe.periodSeconds", "startupProbe.initialDelaySeconds")
_DEFAULTS = (3, 10, 0)
_HOOKS = "https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/"


def adjust(facts: Facts, site: Site) -> Facts:
    """The time a start may take where a startup probe counts it; of a box only the timers of flows."""
    if site.variant == "conntrack":
        return {timer: found for timer, found in facts.items() if timer.startswith("flow.")}
    facts["schedule.period"] = tuple(_by_the_clock(fact) for fact in facts.pop("schedule.period", ()))
    if not facts["schedule.period"]:
        del facts["schedule.period"]
    written = first(site, *_PROBE, "startupProbe", "startupProbe.timeoutSeconds", "startupProbe.successThreshold")
    startup = facts.pop("lifecycle.startup", ())
    if written is not None and startup:
        limit = _startup([first(site, name) for name in _PROBE])
        place = first(site, *_PROBE) or written
        facts["lifecycle.startup"] = (_fact(startup[0], limit, place),)
    return facts


def _by_the_clock(fact: Fact) -> Fact:
    """A schedule that stands in tochain.yaml as it would in a manifest."""
    if not isinstance(fact.limit, Word):
        return fact
    gap = smallest_gap(fact.limit.text)
    limit: Limit = Finite(gap * 60 * _SECOND) if gap is not None else Unknown("no cron expression of five fields")
    return replace(fact, limit=limit)


def _fact(base: Fact, limit: Limit, place: Setting) -> Fact:
    because = "failureThreshold times periodSeconds, after initialDelaySeconds"
    return replace(base, limit=limit, origin="written", span=place.span, source=None, because=because)


def _startup(written: list[Setting | None]) -> Limit:
    numbers: list[int] = []
    for setting, default in zip(written, _DEFAULTS, strict=True):
        text = setting.text.strip() if setting is not None else str(default)
        if not text.isascii() or not text.isdecimal() or len(text) > 9:
            return Unknown("the probe's numbers are not known")
        numbers.append(int(text) or default)
    failures, period, delay = numbers
    return Finite((failures * period + delay) * _SECOND)


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A hook that needs a program which images without a shell do not have."""
    image, hook = first(site, "image of a hook"), first(site, "lifecycle.preStop")
    if image is None or hook is None or "distroless" not in image.text or "debug" in image.text:
        return ()
    text = "the hook fails at once and SIGTERM follows it: the image has no sleep; the sleep action needs none"
    return (
        Issue(
            "setting-without-effect",
            "lifecycle.preStop",
            hook.text,
            hook.span,
            text,
            "lifecycle.pre_stop",
            ((image.span, "an image without a shell"),),
            source=_HOOKS,
        ),
    )
