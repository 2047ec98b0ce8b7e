"""Values of Traefik's Helm chart, which become flags: ports and their transports, and further arguments."""

from __future__ import annotations

from tochain.formats.tree import Node
from tochain.model.component import Word
from tochain.products.options import Flat, Item, Path, from_flags, from_node

__all__ = ["from_values", "values_of"]

_TRANSPORT = ("transport", "respondingtimeouts", "lifecycle", "keepalivemaxrequests", "keepalivemaxtime")


def values_of(root: Node) -> Node | None:
    """The values in a file of values, or in the object that carries them for the chart; None for another file."""
    if root.kind != "mapping":
        return None
    arguments = [item.text for item in root.each("additionalArguments")]
    ports = [port for _, port in root.pairs("ports") if port.get("transport") is not None]
    known = any(text.lower().startswith(("--entrypoints.", "--serverstransport", "--providers.")) for text in arguments)
    return root if ports or known else None


def from_values(root: Node) -> Flat:
    """The install configuration that values come to."""
    found: dict[Path, Item] = {}
    for key, port in root.pairs("ports"):
        place = ("entrypoints", key.text.lower())
        address = port.get("exposedPort") or port.get("port")
        if address is not None and address.kind == "scalar":
            suffix = "/udp" if port.value("protocol").upper() == "UDP" else ""
            found[(*place, "address")] = Item(f":{address.text}{suffix}", key.span)
        for path, item in from_node(port).items.items():
            if path[0] in _TRANSPORT:
                found[(*place, *path)] = item
    words = [Word(item.text, item.span) for item in root.each("additionalArguments") if item.kind == "scalar"]
    return from_flags(words).over(Flat(found))
