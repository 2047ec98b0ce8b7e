"""The registry: every product that reads files or is known by how it is started, in the order in which files are offered.

The lines stand in `tables/`, one table per kind of product. A product that has only facts needs no line: its folder is enough.
"""

from __future__ import annotations

from tochain.products.base import Entry
from tochain.products.tables.balancers import BALANCERS
from tochain.products.tables.brokers import BROKERS
from tochain.products.tables.clients import CLIENTS
from tochain.products.tables.databases import DATABASES
from tochain.products.tables.monitors import MONITORS
from tochain.products.tables.platforms import PLATFORMS
from tochain.products.tables.proxies import PROXIES
from tochain.products.tables.servers import SERVERS

__all__ = ["PRODUCTS"]

PRODUCTS: tuple[Entry, ...] = (
    *PLATFORMS,
    *PROXIES,
    *BALANCERS,
    *SERVERS,
    *DATABASES,
    *BROKERS,
    *MONITORS,
    *CLIENTS,
)
