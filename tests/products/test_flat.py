"""Settings files inside ConfigMaps, with the manifest's own places."""

from __future__ import annotations

from tests.products.texts import settings, workload
from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.products.base import Context
from tochain.products.configmaps import embedded_path
from tochain.products.redis.extract import read

MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: cache}
data:
  redis.conf: |
    timeout 300
    port 6380
"""


def test_mounted_from_a_config_map():
    path = embedded_path("k8s.yaml", "cache", "redis.conf")
    one = workload("cache", "redis:7", mounts={path: "/usr/local/etc/redis/redis.conf"})
    reports: dict[str, FileReport] = {}
    files = Files({}, reports, {"k8s.yaml": MANIFEST})
    (found,) = read(Context("redis", [], (one,), reports, files, {}, files.text)).components
    assert (found.name, found.workload, [str(a) for a in found.listens]) == ("cache", one.key, ["*:6380"])
    assert settings(found.settings) == ["timeout = 300 @ 6:5-16"]
    assert found.span.path == "k8s.yaml"
