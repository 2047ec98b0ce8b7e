"""Platforms: what starts programs and tells which names they have; they are read first."""

from __future__ import annotations

from tochain.products.base import Entry
from tochain.products.tables.patterns import CLOUD_FILES, KUBE_FILES, KUBE_SNIFF, MODULE, SERVERLESS, TF_FILES

__all__ = ["PLATFORMS"]

PLATFORMS: tuple[Entry, ...] = (
    Entry(
        "docker-compose",
        files="*.yaml *.yml",
        sniff=r"(?m)^services\s*:|^\s*\"services\"\s*:",
        stage="platform",
        forms=("docker-swarm-compose",),
    ),
    # A kustomization need not say of what kind it is.
    Entry(
        "kubernetes",
        files=KUBE_FILES + " Kustomization *.tf *.tf.json",
        sniff=KUBE_SNIFF
        + r"|^(?:resources|bases|components|patches\w*|helmCharts|configMapGenerator|namePrefix|images)\s*:",
        stage="platform",
    ),
    Entry(
        "terraform",
        files="*.tf *.tf.json *.tfvars *.json",
        sniff=r"(?m)^\s*(?:resource|module|variable|locals|output|data|provider|terraform|moved|import|check)\b|^\w+\s*="
        r"|\A\s*(?:#|//|/\*|\Z)|\"planned_values\"|\"root_module\"|\"(?:resource|locals|module)\"\s*:\s*[\[{]",
        stage="cloud",
    ),
    Entry(
        "cloudformation",
        files="*.yaml *.yml *.json *.template",
        sniff=r"(?m)AWS(?:::\w+)+|^functions\s*:",
        stage="cloud",
    ),
    Entry("dockerfile", files="Dockerfile Dockerfile.* *.Dockerfile *.dockerfile Containerfile", stage="platform"),
    Entry("systemd", files="*.service *.timer", sniff=r"(?m)^\[(Service|Timer|Unit)\]", stage="platform"),
    Entry(
        "supervisor",
        files="*supervisor*.conf *supervisor*.conf.* *supervisor*.ini supervisor*/*.conf supervisor*/*.ini "
        "supervisor*/*.j2 supervisor/conf.d/* supervisord.d/*",
        sniff=r"(?m)^[ \t]*\[(?:supervisord|(?:fcgi-)?program:)",
        stage="platform",
    ),
    Entry("procfile", files="Procfile Procfile.*", stage="platform"),
    Entry("aws-lambda", files=CLOUD_FILES, sniff=r"aws_lambda_function|AWS::(?:Lambda|Serv)" + MODULE + SERVERLESS),
    Entry("gcp-cloud-run", files=TF_FILES, sniff="google_cloud_run"),
)
