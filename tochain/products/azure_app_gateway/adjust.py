"""Azure Application Gateway: what the Terraform provider sets by itself."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import seconds
from tochain.products.base import Site
from tochain.products.makers import Maker, made_by

__all__ = ["adjust"]

_MAKERS = {
    "terraform": Maker(
        "the Terraform provider's default; the portal's is 20 s",
        "https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/application_gateway",
        {
            "connect.response_header": seconds(30),
        },
    ),
}


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the maker's own defaults."""
    return made_by(facts, site, _MAKERS)
