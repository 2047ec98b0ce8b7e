"""Reading manifests with a product that looks at the workloads of Kubernetes too."""

from __future__ import annotations

from tests.products.texts import read
from tochain.discover import Files
from tochain.model.component import Component
from tochain.model.coverage import FileReport
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.kubernetes.extract import read as read_platform


def run(product: str, texts: dict[str, str]) -> tuple[list[Component], dict[str, FileReport]]:
    """The completed components of a product, the workloads of the same manifests given to it."""
    files = Files({}, {}, texts)
    sources = [SourceFile(path, text) for path, text in texts.items()]
    platform = read_platform(Context("kubernetes", sources, (), {}, files, {}, files.text))
    return read(product, texts, *platform.workloads)
