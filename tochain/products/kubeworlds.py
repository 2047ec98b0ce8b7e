"""Every object of a run: kustomizations rendered, charts opened, and copies of one cluster kept apart.

What defines the same object twice cannot be one cluster: a folder for each environment, a rendered copy beside its
sources. Each unit (a file, an overlay, a chart) goes to the nearest copy that does not hold one of its objects yet; the
namespaces of every copy but the first carry its folder.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace

from tochain.formats import yamlfile
from tochain.formats.tree import Node
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.charts import chart_of, charts, template_folder, values_objects
from tochain.products.chartvalues import filled
from tochain.products.kubeobject import WORLD, KubeObject, opened
from tochain.products.kubetf import terraform_objects
from tochain.products.kustomize import Kustomizations, is_kustomization

__all__ = ["NO_MANIFEST", "cluster"]

NO_MANIFEST = (".tf", ".tf.json", ".tfvars")
"""Files of products that read other things besides."""
_SHARED = frozenset(
    {
        *("Namespace", "CustomResourceDefinition", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "Secret"),
        *("ClusterRoleBinding", "PersistentVolume", "PersistentVolumeClaim", "StorageClass", "PriorityClass"),
        *("GatewayClass", "IngressClass"),
    }
)
"""What two folders may both create without being two clusters."""
Key = tuple[str, str, str]


@dataclass(slots=True)
class _Unit:
    """What is deployed as one: its place, and whether it stands for itself (a chart)."""

    place: str
    objects: list[KubeObject]
    alone: bool = False

    @property
    def keys(self) -> set[Key]:
        return {(o.kind, o.namespace, o.name) for o in self.objects if o.kind not in _SHARED}


@dataclass(slots=True, eq=False)
class _World:
    """One copy of a cluster: its name ("" for the first) and the objects it holds."""

    name: str
    keys: set[Key] = field(default_factory=set)
    closed: bool = False


def cluster(ctx: Context) -> list[KubeObject]:
    """The objects of all files, read once for everybody."""
    return ctx.once("kubernetes objects", lambda: _placed(_units(ctx)))


def _units(ctx: Context) -> list[_Unit]:
    paths = frozenset(ctx.paths())
    kustomizations = Kustomizations(ctx, paths)
    tops = kustomizations.tops()
    folders = charts(paths)
    in_charts: dict[str, list[KubeObject]] = {folder: [] for folder in sorted(folders)}
    plain: list[_Unit] = []
    for source in ctx.files:
        path = source.path
        if path.endswith(NO_MANIFEST) or path in kustomizations.used or is_kustomization(path):
            continue
        chart = chart_of(path, folders)
        if chart is None and "{{" in source.text:
            chart = template_folder(path)
        roots = ctx.parsed(source, yamlfile.parse).roots
        found = list(opened(roots if chart is None else _with_values(ctx, source, roots, chart), source))
        if chart is not None:
            in_charts.setdefault(chart, []).extend(found)
        elif found:
            plain.append(_Unit(path, found))
    values: list[_Unit] = []
    for place, found in values_objects(ctx, paths, [thing for unit in plain for thing in unit.objects]):
        if place in in_charts:
            in_charts[place] += found
        else:
            values.append(_Unit(place, found))
    charted = [_Unit(folder, found, alone=True) for folder, found in in_charts.items() if found]
    plain += [_Unit(path, found) for path, found in terraform_objects(ctx)]
    overlays = [_Unit(f"{folder}/" if folder else "", found) for folder, found in tops if found]
    return [*sorted(plain, key=lambda unit: unit.place), *values, *overlays, *charted]


def _with_values(ctx: Context, source: SourceFile, roots: list[Node], chart: str) -> list[Node]:
    """The documents of a template with what the chart's own values.yaml puts in."""
    file = ctx.file(posixpath.join(chart, "values.yaml")) if "{{" in source.text else None
    values = ctx.parsed(file, yamlfile.parse).roots if file is not None else []
    return [filled(root, source, values[0]) for root in roots] if values else roots


def _placed(units: list[_Unit]) -> list[KubeObject]:
    worlds: list[_World] = []
    near: dict[str, list[_World]] = {}
    done: list[KubeObject] = []
    for unit in units:
        keys = unit.keys
        world = None if unit.alone and worlds else _fitting(unit, keys, near)
        if world is None:
            world = _World(_name(unit.place, worlds) if worlds else "", closed=unit.alone)
            worlds.append(world)
        world.keys |= keys
        for folder in _above(unit.place):
            if world not in near.setdefault(folder, []):
                near[folder].append(world)
        done += unit.objects if not world.name else [_in(thing, world.name) for thing in unit.objects]
    return done


def _fitting(unit: _Unit, keys: set[Key], near: dict[str, list[_World]]) -> _World | None:
    """A world of the nearest folder that has any, if none of the unit's objects is in it."""
    for folder in _above(unit.place):
        worlds = [world for world in near.get(folder, ()) if not world.closed]
        if worlds:
            return next((world for world in worlds if world.keys.isdisjoint(keys)), None)
    return None


def _above(place: str) -> list[str]:
    """The folders a file or folder (with a slash at the end) stands in, nearest first, the top last."""
    folder = posixpath.dirname(place)
    found = [folder]
    while folder and folder != "/":
        folder = posixpath.dirname(folder)
        found.append(folder)
    return found


def _name(place: str, worlds: list[_World]) -> str:
    taken = {world.name for world in worlds}
    folder = (
        place.rstrip("/") if place.endswith("/") or "." not in place.rpartition("/")[2] else posixpath.dirname(place)
    )
    return folder if folder and folder not in taken else place.rstrip("/") or "."


def _in(thing: KubeObject, world: str) -> KubeObject:
    return replace(thing, namespace=f"{thing.namespace}{WORLD}{world}")
