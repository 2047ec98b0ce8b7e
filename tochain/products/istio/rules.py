"""DestinationRules: which one counts for a host, and the settings of its traffic policy for a subset and port."""

from __future__ import annotations

from fnmatch import fnmatch

from tochain.formats.tree import Node
from tochain.model.fact import Setting, Settings
from tochain.products.kubeobjects import KubeObject

__all__ = ["Policies"]

ROOT = "istio-system"


class Policies:
    """The DestinationRules of a cluster: the client's namespace wins, then the service's, then the root's; never merged."""

    def __init__(self, rules: list[KubeObject]) -> None:
        self.rules = rules

    def covers(self, rule: KubeObject, host: str, namespace: str) -> bool:
        """Whether a rule's host means the host as said in a namespace."""
        wanted, said = _full(host, namespace), rule.node.value("spec", "host")
        return fnmatch(wanted, said) if "*" in said else _full(said, rule.namespace) == wanted

    def settings(self, host: str, namespace: str, subset: str, port: int | None) -> Settings:
        """What the one rule that counts says; the subset's policy over the rule's, a port's policy instead of it."""
        rule = self._for(host, namespace)
        if rule is None:
            return {}
        policy = rule.node.get("spec", "trafficPolicy")
        found = _policy(policy, port, rule) if policy is not None else {}
        for part in rule.node.each("spec", "subsets"):
            inner = part.get("trafficPolicy")
            if subset and part.value("name") == subset and inner is not None:
                found |= _policy(inner, port, rule)
        return found

    def _for(self, host: str, namespace: str) -> KubeObject | None:
        fits = [rule for rule in self.rules if self.covers(rule, host, namespace)]
        parts = host.split(".")
        home = parts[1] if len(parts) > 1 else namespace
        for wanted in (namespace, home, ROOT):
            near = [rule for rule in fits if rule.namespace == wanted]
            if near:
                return max(near, key=lambda rule: ("*" not in rule.node.value("spec", "host"), len(rule.node.value("spec", "host"))))
        return fits[0] if fits else None


def _full(host: str, namespace: str) -> str:
    """A service's whole name: a short one belongs to the namespace of the object that says it."""
    parts = host.removesuffix(".svc.cluster.local").removesuffix(".svc").split(".")
    if len(parts) == 1:
        return f"{parts[0]}.{namespace}.svc.cluster.local"
    return f"{parts[0]}.{parts[1]}.svc.cluster.local" if len(parts) == 2 else host


def _policy(policy: Node, port: int | None, rule: KubeObject) -> Settings:
    for part in policy.each("portLevelSettings"):
        if port is not None and part.value("port", "number") == str(port):
            policy = part
    found: Settings = {}
    for area in ("connectionPool", "outlierDetection"):
        node = policy.get(area)
        for path, leaf in node.walk() if node is not None else ():
            name = ".".join([area, *map(str, path)])
            found[name] = (Setting(name, leaf.text, leaf.span, scope=f"DestinationRule {rule.name}"),)
    sni = policy.get("tls", "sni")
    if sni is not None:
        found["tls.sni"] = (Setting("tls.sni", "on", sni.span),)
    return found
