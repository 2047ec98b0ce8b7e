"""Azure Front Door: what the Terraform provider sets by itself."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import seconds
from tochain.products.base import Site
from tochain.products.makers import Maker, made_by

__all__ = ["adjust"]

_MAKERS = {
    "terraform": Maker(
        "the Terraform provider's default; the service's is 60 s",
        "https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/cdn_frontdoor_profile",
        {
            "connect.response_header": seconds(120),
            "connect.read_stall": seconds(120),
        },
    ),
}
_CLASSIC = {
    "terraform": Maker(
        "the Terraform provider's default; the service's is 30 s",
        "https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/frontdoor",
        {"connect.response_header": seconds(60)},
    ),
}


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the maker's own defaults."""
    return made_by(facts, site, _CLASSIC if site.variant == "classic" else _MAKERS)
