"""Globs and expressions that several products share: kinds of files many of them look into."""

from __future__ import annotations

__all__ = ["CLOUD_FILES", "KUBE_FILES", "KUBE_SNIFF", "MODULE", "SERVERLESS", "TF_FILES"]

KUBE_FILES = "*.yaml *.yml *.json"
KUBE_SNIFF = r"(?m)^[\s{\"-]*apiVersion\"?\s*:|\"kubernetes_\w+\""
TF_FILES = "*.tf *.tf.json *.json"
CLOUD_FILES = "*.tf *.tf.json *.yaml *.yml *.json *.template"
MODULE = r'|\bmodule\s+"'
SERVERLESS = r"|\nfunctions\s*:"
