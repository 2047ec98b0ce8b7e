"""Dockerfiles that no compose file builds: each is a workload of its own, called by its folder."""

from __future__ import annotations

from pathlib import PurePosixPath

from tochain.model.component import Workload
from tochain.model.span import Pos, Span
from tochain.products.base import Context, Extract
from tochain.products.scopes import folder_scope
from tochain.products.start import image_of, inside

__all__ = ["read"]


def read(ctx: Context) -> Extract:
    """Workloads for the folders no other workload is built from."""
    extract = Extract()
    taken = {workload.root for workload in ctx.workloads if workload.root is not None}
    for source in ctx.files:
        image = image_of(source)
        if image.base is None:
            ctx.problem(source.whole_line(1), "no line of it is FROM with an image")
            continue
        ctx.understood(source.path)
        folder = PurePosixPath(source.path).parent.as_posix().removeprefix(".")
        if folder in taken:
            continue
        name = PurePosixPath(folder).name or "app"
        span = image.base.span if image.base else Span(source.path, Pos(1, 1), Pos(1, 2))
        extract.workloads.append(
            Workload(
                f"dockerfile:{source.path}",
                name,
                folder_scope(source.path),
                span,
                image.base,
                image.command,
                image.env,
                (name,),
                {port: port for port in image.ports},
                {inside(folder, a): b for a, b in image.copies.items()},
                folder,
            )
        )
    return extract
