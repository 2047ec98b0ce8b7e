"""DestinationRules: which one counts for a host, and the settings of its traffic policy for a subset and port."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tochain.formats.tree import Node
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Word
from tochain.products.kubeobject import WORLD, KubeObject

__all__ = ["Policies", "full_name", "pool"]

ROOT = "istio-system"
_KEEPALIVE = "connectionPool.tcp.tcpKeepalive.time"


class Policies:
    """The DestinationRules of a cluster: the client's namespace wins, then the service's, then the root's.

    `entries` are the namespaces of hosts that ServiceEntries make known.
    """

    def __init__(self, rules: list[KubeObject], entries: dict[str, str] | None = None) -> None:
        self.rules = rules
        self._entries = entries or {}
        self._exact: dict[tuple[str, str], list[KubeObject]] = {}
        self._patterns = [rule for rule in rules if "*" in rule.node.value("spec", "host")]
        for rule in rules:
            said = full_name(rule.node.value("spec", "host"), rule.namespace)
            self._exact.setdefault((rule.world, said), []).append(rule)

    def _covers(self, rule: KubeObject, wanted: str, world: str) -> bool:
        """Whether a rule whose host has a wildcard means a name."""
        said = rule.node.value("spec", "host")
        return rule.world == world and said.count("*") == 1 and "[" not in said and fnmatchcase(wanted, said)

    def settings(self, host: str, namespace: str, subset: str, port: int | None) -> Settings:
        """What the one rule that counts says; a subset's blocks instead of its own, a port's policy instead of all."""
        rule = self._for(host, namespace)
        policy = rule.node.get("spec", "trafficPolicy") if rule is not None else None
        if rule is None:
            return {}
        found = _policy(policy, port, rule) if policy is not None else {}
        for part in rule.node.each("spec", "subsets"):
            inner = part.get("trafficPolicy")
            if subset and part.value("name") == subset and inner is not None:
                new = _policy(inner, port, rule)
                blocks = {name.partition(".")[0] for name in new}
                found = {name: group for name, group in found.items() if name.partition(".")[0] not in blocks} | new
        return found

    def _for(self, host: str, namespace: str) -> KubeObject | None:
        home, world = namespace.partition(WORLD)[0], namespace.partition(WORLD)[2]
        wanted_name = full_name(host, namespace)
        fits = list(self._exact.get((world, wanted_name), ()))
        fits += [rule for rule in self._patterns if self._covers(rule, wanted_name, world)]
        parts = wanted_name.split(".")
        service = self._entries.get(host) or (parts[1] if len(parts) > 2 and parts[2] == "svc" else home)
        for wanted in dict.fromkeys((home, service, ROOT)):
            near = [rule for rule in fits if rule.home == wanted and rule.world == world]
            if near:
                return max(near, key=_precision)
        return None


def _precision(rule: KubeObject) -> tuple[bool, int]:
    host = rule.node.value("spec", "host")
    return "*" not in host, len(host)


def full_name(host: str, namespace: str) -> str:
    """A service's whole name: a short one belongs to the namespace of the object that says it."""
    home = namespace.partition(WORLD)[0]
    parts = host.removesuffix(".svc.cluster.local").removesuffix(".svc").split(".")
    if len(parts) == 1:
        return f"{parts[0]}.{home}.svc.cluster.local"
    local = host.endswith((".svc", ".svc.cluster.local"))
    return f"{parts[0]}.{parts[1]}.svc.cluster.local" if len(parts) == 2 and local else host


def pool(node: Node, scope: str) -> Settings:
    """A connectionPool block as settings; an empty tcpKeepalive block turns probes on with the kernel's values."""
    found: Settings = {}
    for path, leaf in node.walk():
        name = ".".join(["connectionPool", *map(str, path)])
        if path:
            found[name] = (Setting(name, leaf.text, leaf.span, scope=scope),)
    keepalive = node.get("tcp", "tcpKeepalive")
    if keepalive is not None and keepalive.kind == "mapping" and _KEEPALIVE not in found:
        found[_KEEPALIVE] = (Setting(_KEEPALIVE, "{}", keepalive.span, limit=Word("kernel"), scope=scope),)
    return found


def _policy(policy: Node, port: int | None, rule: KubeObject) -> Settings:
    for part in policy.each("portLevelSettings"):
        if port is not None and part.value("port", "number") == str(port):
            policy = part
    scope = f"DestinationRule {rule.name}"
    connections, outlier, sni = policy.get("connectionPool"), policy.get("outlierDetection"), policy.get("tls", "sni")
    found = pool(connections, scope) if connections is not None else {}
    for path, leaf in outlier.walk() if outlier is not None else ():
        name = ".".join(["outlierDetection", *map(str, path)])
        found[name] = (Setting(name, leaf.text, leaf.span, scope=scope),)
    if sni is not None:
        found["tls.sni"] = (Setting("tls.sni", "on", sni.span, scope=scope),)
    mode = policy.get("tls", "mode")
    if mode is not None:
        found["tls.mode"] = (Setting("tls.mode", mode.text, mode.span, scope=scope),)
    return found
