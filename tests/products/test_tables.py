"""The tables: where a product's line stands, and that what starts or holds a program belongs to one product."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from tochain.products import PRODUCTS, facts, tables
from tochain.products.base import Entry
from tochain.products.tables.balancers import BALANCERS
from tochain.products.tables.brokers import BROKERS
from tochain.products.tables.clients import CLIENTS
from tochain.products.tables.databases import DATABASES
from tochain.products.tables.monitors import MONITORS
from tochain.products.tables.platforms import PLATFORMS
from tochain.products.tables.proxies import PROXIES
from tochain.products.tables.servers import SERVERS

FIXTURES = Path(__file__).parents[2] / "fixtures"
KINDS = [
    (PLATFORMS, {"platform", None}),
    (PROXIES, {"proxy"}),
    (BALANCERS, {"lb", "box", "kernel"}),
    (SERVERS, {"server"}),
    (DATABASES, {"database", "pool"}),
    (BROKERS, {"broker"}),
    (MONITORS, {"monitor", "schedule"}),
    (CLIENTS, {"client"}),
]
STANDING = [(entry, kinds) for table, kinds in KINDS for entry in table]


@pytest.mark.parametrize(("entry", "kinds"), STANDING, ids=[entry.name for entry, _ in STANDING])
def test_a_line_stands_in_the_table_of_its_kind(entry: Entry, kinds: set[str | None]) -> None:
    known = facts.load(entry.name)
    assert (known.kind if known is not None else None) in kinds


@pytest.mark.parametrize("entry", PRODUCTS, ids=lambda entry: entry.name)
def test_a_line_says_something(entry: Entry) -> None:
    """A product that has only facts needs no line."""
    assert entry != Entry(entry.name)


def test_the_tables_are_the_registry() -> None:
    assert tuple(entry for table, _ in KINDS for entry in table) == PRODUCTS
    files = {path.stem for path in Path(tables.__file__).parent.glob("*.py")} - {"__init__", "patterns"}
    assert len(files) == len(KINDS)


def test_a_command_starts_one_product() -> None:
    counted = Counter(command for entry in PRODUCTS for command in entry.commands.split())
    assert [command for command, times in counted.items() if times > 1] == []


IMAGES = {
    "percona": ["mysql"], "percona-xtradb-cluster": ["mysql"], "percona-server-mongodb": ["mongod"],
    "activemq": ["activemq"], "activemq-classic": ["activemq"], "activemq-artemis": ["artemis"],
    "activemq-artemis-broker": ["artemis"], "opensearch": ["elasticsearch"], "opensearch-dashboards": [],
}  # fmt: skip


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_whose_name_holds_another_products(image: str) -> None:
    assert [entry.name for entry in PRODUCTS if entry.images and re.fullmatch(entry.images, image)] == IMAGES[image]


def test_no_image_of_the_fixtures_belongs_to_two_products() -> None:
    texts = (path.read_text("utf-8", "replace") for path in FIXTURES.rglob("*.y*ml"))
    images = {found for text in texts for found in re.findall(r"image: *[\"']?(?:\S*/)?([a-z0-9._-]+)", text)}
    owners = {image: [e.name for e in PRODUCTS if e.images and re.fullmatch(e.images, image)] for image in images}
    assert {image: names for image, names in owners.items() if len(names) > 1} == {}
    assert len([names for names in owners.values() if names]) > 10


def test_every_stage_is_one_that_is_read() -> None:
    assert {entry.stage for entry in PRODUCTS} == set(get_args(get_type_hints(Entry)["stage"]))
    last = [entry.name for entry in PRODUCTS if entry.stage == "rest"]
    assert last == ["spring-cloud-gateway", "client"]
