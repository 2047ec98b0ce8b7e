"""Which version an image stands for, and when its tag counts something else."""

from __future__ import annotations

import re

import pytest

from tests.products.texts import workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span
from tochain.products.programs import Program, image_version

AT = Span("compose.yaml", Pos(1, 1), Pos(1, 2))


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("postgres:15.4-alpine", "15.4"),
        ("registry.local:5000/library/postgres:15", "15"),
        ("postgres@sha256:1234", "any version"),
        ("postgres:latest", "any version"),
        ("postgres:${TAG:-15}", "any version"),
        ("timescale/timescaledb:2.11.1-pg15", "any version"),
        ("shop-postgres:1.0.3", "any version"),
        ("confluentinc/cp-kafka:7.5.0", "any version"),
        ("tomee:8.0-jre8", "any version"),
        ("eclipse-mosquitto:2.0.18", "2.0.18"),
    ],
)
def test_what_a_tag_says(image: str, version: str) -> None:
    assert str(image_version(Word(image, AT))) == version


@pytest.mark.parametrize(
    ("image", "version"), [("haproxy:2.8", "2.8"), ("debian:12", "any version"), ("php:8.3-apache", "any version")]
)
def test_a_base_image_that_is_not_the_programs_own_tells_nothing(image: str, version: str) -> None:
    program = Program(re.compile("haproxy"), frozenset({"haproxy"}))
    assert str(program.version(workload("lb", image))) == version
