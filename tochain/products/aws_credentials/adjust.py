"""Which credentials in source code are temporary ones that somebody took out of their provider for good."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Finite
from tochain.products.amend import first
from tochain.products.base import Site

__all__ = ["adjust"]

_HELD, _KIND = "static credentials", "credentials of"
_TAKEN = (".resolveCredentials()", ".getCredentials()")
_ROTATION = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html"
_SIX_HOURS = Finite(6 * 3_600_000_000)


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts, without lifetimes where the keys may be lasting ones; an instance's own last six hours."""
    held, kind = site.settings.get(_HELD, ()), first(site, _KIND)
    if not held or site.side == "link":
        return facts
    taken = next((setting for setting in held if setting.text.endswith(_TAKEN)), None)
    if taken is None or kind is None:
        return {timer: found for timer, found in facts.items() if not timer.startswith("schedule.credential_")}
    done = dict(facts)
    for timer in ("schedule.credential_hold", "schedule.credential_lifetime"):
        done[timer] = tuple(replace(fact, span=taken.span) for fact in facts.get(timer, ()))
    if kind.text == "instance":
        because = "an instance's credentials last about six hours"
        done["schedule.credential_lifetime"] = tuple(
            replace(fact, limit=_SIX_HOURS, setting="(instance profile)", source=_ROTATION, because=because)
            for fact in done["schedule.credential_lifetime"]
        )
    return done
