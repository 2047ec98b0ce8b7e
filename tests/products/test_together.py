"""A server that files set and code makes is one component."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import links, settings
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting
from tochain.model.span import Pos, Span
from tochain.products.together import together


def at(path: str, line: int) -> Span:
    """One place."""
    return Span(path, Pos(line, 1), Pos(line, 9))


def setting(name: str, text: str, path: str, line: int) -> dict[str, tuple[Setting, ...]]:
    """One setting by its name."""
    return {name: (Setting(name, text, at(path, line)),)}


FILE = Component(
    "spring-boot:app", "shop", "spring-boot", at("app/application.yml", 1), part_of="code:app", listens=(Address(port=8080),),
    settings={**setting("a", "1", "app/application.yml", 2), **setting("b", "1", "app/application.yml", 3)},
    files=("app/application.yml",),
)  # fmt: skip
CODE = Component(
    "spring-boot:app/Web.java#server", "spring-boot", "spring-boot", at("app/Web.java", 4), part_of="code:app",
    settings=setting("b", "2", "app/Web.java", 5), files=("app/Web.java",),
)  # fmt: skip


def test_code_counts_before_the_file() -> None:
    (found,) = together([FILE], [CODE])
    assert (found.key, found.name, found.listens) == ("spring-boot:app", "shop", (Address(port=8080),))
    assert settings(found.settings) == ["a = 1 @ 2:1-9", "b = 2 @ 5:1-9"]
    assert found.files == ("app/application.yml", "app/Web.java")


def test_another_program_or_another_product_stays_apart() -> None:
    assert together([FILE], [replace(CODE, part_of="code:other")]) == [FILE, replace(CODE, part_of="code:other")]
    assert together([FILE], [replace(CODE, product="okhttp")]) == [FILE, replace(CODE, product="okhttp")]
    assert together([FILE, replace(FILE, key="x")], [CODE]) == [FILE, replace(FILE, key="x"), CODE]


def test_a_link_has_what_the_file_says_of_its_address() -> None:
    named = Link(
        Address("orders"),
        at("app/application.yml", 7),
        setting("t", "7", "app/application.yml", 7),
        "http",
        "feign orders",
    )
    file = replace(
        FILE, product="openfeign", kind="client", settings=setting("t", "3", "app/application.yml", 6), links=(named,)
    )
    made = [
        Link(Address(host), at("app/Web.java", line), {"": ()}, "http", "FeignClient")
        for host, line in (("orders", 2), ("stock", 3))
    ]
    (found,) = together([file], [replace(CODE, product="openfeign", kind="client", settings={}, links=tuple(made))])
    assert links(found) == ["orders http FeignClient @ 2:1", "stock http FeignClient @ 3:1"]
    assert [settings(link.settings) for link in found.links] == [["t = 7 @ 7:1-9"], ["t = 3 @ 6:1-9"]]
