"""What a container's own part of a manifest says: hooks, probes, grace, schedule, environment, mounted files."""

from __future__ import annotations

import re
from base64 import b64decode

from tochain.formats.tree import Node
from tochain.model.component import Word
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Finite, Unknown
from tochain.products.configmaps import embedded_path, mounted
from tochain.products.cron import smallest_gap
from tochain.products.kubeobjects import KubeObject, setting, word
from tochain.products.kustomize import FILE

__all__ = ["Maps", "config_files", "environment", "lifecycle", "sysctls"]

Maps = dict[tuple[str, str, str], KubeObject]
"""ConfigMaps and Secrets by kind, namespace and name."""
_SLEEP = re.compile(r"\bsleep\s+(\d{1,9}(?:\.\d{1,6})?)(s|m|h)?(?=$|[\s;&|)\"'])")
_NOT_PLAIN = re.compile(r"\b(?:while|until|for|if)\b|\|\||[$`]|(?<!&)&(?!&)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_MINUTE = 60_000_000
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


def lifecycle(owner: KubeObject, spec: Node, container: Node) -> Settings:
    """The platform's settings for a container, by the names of the facts."""
    grace = spec.get("terminationGracePeriodSeconds")
    found = setting("terminationGracePeriodSeconds", grace) if grace is not None else {}
    found |= _pre_stop(container)
    for probe in _PROBES:
        for key, value in container.pairs(probe):
            if key.text.endswith(("Seconds", "Threshold")):
                found |= setting(f"{probe}.{key.text}", value)
        if probe == "startupProbe" and container.get(probe) is not None and not any(n.startswith(probe) for n in found):
            place = container.key(probe)
            found[probe] = (Setting(probe, "", place.span if place is not None else container.span, limit=Unknown("")),)
    for name in ("minReadySeconds", "progressDeadlineSeconds"):
        node = owner.node.get("spec", name)
        found |= setting(name, node) if node is not None else {}
    return found | _schedule(owner)


def _pre_stop(container: Node) -> Settings:
    """The pause before SIGTERM: a sleep action, or the sleeps of a command; any other hook takes an unknown time."""
    hook = container.get("lifecycle", "preStop")
    if hook is None or hook.kind != "mapping":
        return {}
    sleep = hook.get("sleep", "seconds")
    if sleep is not None:
        return setting("lifecycle.preStop", sleep)
    words = [node for _, node in hook.walk()] if hook.get("exec") is not None else []
    text = " ".join(node.text for node in words)
    pauses = _SLEEP.findall(text)
    place = next((n for n in words if "sleep" in n.text and re.search(r"\d", n.text)), None)
    place = place or next((n for n in words if re.fullmatch(r"\d[\d.]*[smh]?", n.text)), words[-1] if words else hook)
    if pauses and not _NOT_PLAIN.search(text):
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in pauses)
        found = {"lifecycle.preStop": (Setting("lifecycle.preStop", f"{seconds:g}s", place.span),)}
        image = container.get("image")
        return found | (setting("image of a hook", image) if image is not None else {})
    reason = "a request takes as long as the program answers" if hook.get("httpGet") is not None else "no plain sleep"
    return {"lifecycle.preStop": (Setting("lifecycle.preStop", text, place.span, limit=Unknown(reason)),)}


def _schedule(owner: KubeObject) -> Settings:
    base = owner.node.get("spec")
    if owner.kind not in ("Job", "CronJob") or base is None:
        return {}
    found: Settings = {}
    job = base.get("jobTemplate", "spec") if owner.kind == "CronJob" else base
    for key in ("concurrencyPolicy", "startingDeadlineSeconds") if owner.kind == "CronJob" else ():
        node = base.get(key)
        found |= setting(key, node) if node is not None else {}
    places = ((), ("template", "spec"))  # of the job, else of each of its pods
    deadlines = [job.get(*place, "activeDeadlineSeconds") for place in places] if job is not None else []
    found |= next((setting("activeDeadlineSeconds", node) for node in deadlines if node is not None), {})
    schedule = base.get("schedule") if owner.kind == "CronJob" else None
    if schedule is not None and schedule.kind == "scalar":
        gap = smallest_gap(schedule.text)
        limit = Finite(gap * _MINUTE) if gap is not None else Unknown("no cron expression of five fields")
        found["schedule"] = (Setting("schedule", schedule.text, schedule.span, limit=limit),)
    return found


def environment(container: Node, owner: KubeObject, maps: Maps) -> dict[str, Word]:
    """The environment variables, those taken from ConfigMaps and Secrets at their place there."""
    found: dict[str, Word] = {}
    for source in container.each("envFrom"):
        for kind, reference in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            thing = maps.get((kind, owner.namespace, source.value(reference, "name")))
            found |= {f"{source.value('prefix')}{key}": given for key, given in _held(thing).items()}
    for item in container.each("env"):
        name, plain = item.value("name"), item.get("value")
        given = word(plain) if plain is not None and plain.kind == "scalar" else _from_map(item, owner, maps)
        if given is not None and name:
            found[name] = given
    return found


def _from_map(item: Node, owner: KubeObject, maps: Maps) -> Word | None:
    for kind, reference in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
        thing = maps.get((kind, owner.namespace, item.value("valueFrom", reference, "name")))
        if thing is not None:
            return _held(thing).get(item.value("valueFrom", reference, "key"))
    return None


def _held(thing: KubeObject | None) -> dict[str, Word]:
    """What a ConfigMap or Secret holds by key; of a Secret only what is text."""
    if thing is None:
        return {}
    coded = thing.kind == "Secret"
    held = {key.text: value for key, value in thing.node.pairs("data") if value.kind == "scalar" and value.tag != FILE}
    texts = {key: _decoded(value) if coded else word(value) for key, value in held.items()}
    plain = thing.node.pairs("stringData") if coded else []
    texts |= {key.text: word(value) for key, value in plain if value.kind == "scalar"}
    return {key: text for key, text in texts.items() if text is not None}


def _decoded(value: Node) -> Word | None:
    try:
        return Word(b64decode(value.text.strip(), validate=True).decode().rstrip("\n"), value.span)
    except ValueError:
        # A key, a certificate store, or a template: nothing to connect to.
        return None


def config_files(owner: KubeObject, spec: Node, container: Node, maps: Maps) -> dict[str, str]:
    """The files of ConfigMaps the container mounts, with their paths inside."""
    found: dict[str, str] = {}
    for name, key, target in mounted(spec, container):
        thing = maps.get(("ConfigMap", owner.namespace, name))
        for entry, value in thing.node.pairs("data") if thing is not None else []:
            if thing is not None and (not key or entry.text == key):
                found[_path(thing, entry.text, value)] = target if key else f"{target}/{entry.text}"
    return found


def _path(thing: KubeObject, key: str, value: Node) -> str:
    """What the file is called: itself where a generator takes it, else its place in the manifest or patch."""
    if value.tag == FILE:
        return value.span.path
    return embedded_path(value.span.path, thing.node.value("metadata", "name", default=thing.name), key)


_SYSCTL = re.compile(r"(?<![\w./-])([a-z]\w*(?:[./]\w+)+)=([^\s;&|'\"]+)")


def sysctls(spec: Node) -> Settings:
    """The kernel settings of a pod: what `sysctl -w` of an init container writes, then its security context."""
    found: Settings = {}
    for container in spec.each("initContainers"):
        words = [*container.each("command"), *container.each("args")]
        if any(re.search(r"\bsysctl\b", word.text) for word in words):
            for word in words:
                for written in _SYSCTL.finditer(word.text):
                    name = written[1].replace("/", ".")
                    found[name] = (Setting(name, written[2], word.span),)
    for item in spec.each("securityContext", "sysctls"):
        value = item.get("value")
        if value is not None and item.value("name"):
            found |= setting(item.value("name"), value)
    return found
