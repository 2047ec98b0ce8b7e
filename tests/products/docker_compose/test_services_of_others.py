"""Files with `services` that are no compose file."""

from __future__ import annotations

import pytest

from tochain.check import check_files


@pytest.mark.parametrize(
    ("path", "text", "product"),
    [
        ("config/development.yaml", "services:\n  frontend:\n    rpc: {grpcPort: 7233}\n", None),
        ("config/services.yaml", "services:\n  _defaults: {autowire: true}\n", None),
        ("compose.yaml", "services:\n  web: {}\n", "docker-compose"),
        ("stack.yml", "services:\n  a: {x-note: 1}\n  b: {image: nginx}\n", "docker-compose"),
    ],
)
def test_whose_services(path, text, product):
    assert [(f.path, f.product) for f in check_files({path: text}).files] == [(path, product)]
