"""Which Kafka an image of Confluent Platform holds: its tags count releases of the platform."""

from __future__ import annotations

import re

from tochain.model.component import Workload
from tochain.model.version import ANY, Versions, parse_versions
from tochain.products.programs import Program, image_name

__all__ = ["kafka_version"]

_IMAGE = re.compile(r"cp-(?:kafka|server|enterprise-kafka)")
_TAG = re.compile(r":(\d+)\.(\d+)")
_FIRST = {4: (1, 0), 5: (2, 0), 6: (2, 6), 7: (3, 0), 8: (4, 0)}
"""The Kafka of the first release of each major platform version; both then count up together.

https://docs.confluent.io/platform/current/installation/versions-interoperability.html
"""


def kafka_version(workload: Workload, program: Program) -> Versions:
    """Kafka's version in a workload's image."""
    image = workload.image
    if image is None or not _IMAGE.fullmatch(image_name(image)):
        return program.version(workload)
    tag = _TAG.search(image.text.partition("@")[0].rpartition("/")[2])
    first = _FIRST.get(int(tag[1][:4])) if tag is not None else None
    return parse_versions(f"{first[0]}.{first[1] + int(tag[2][:4])}") if tag is not None and first else ANY
