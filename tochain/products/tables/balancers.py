"""Load balancers, boxes that sit on a flow without ending it, and the kernel."""

from __future__ import annotations

from tochain.products.base import Entry
from tochain.products.tables.patterns import CLOUD_FILES, KUBE_FILES, KUBE_SNIFF, MODULE, TF_FILES

__all__ = ["BALANCERS"]

BALANCERS: tuple[Entry, ...] = (
    Entry(
        "ipvs-keepalived",
        files="*.conf *.conf.* *.sh *.service *ipvsadm* *.j2",
        sniff=r"(?m)^[ \t]*(?:virtual_server|vrrp_instance|virtual_server_group)\b|\bipvsadm\b|^[ \t]*-A[ \t]+-[tuf] ",
    ),
    Entry(
        "linux-kernel",
        files="sysctl*.conf *sysctl.conf sysctl.d/* *sysctl*.conf.* *.sh *.service *.yml *.yaml",
        sniff=r"(?m)^[ \t]*-?[ \t]*(?:net|kernel|vm|fs)[./][\w./-]+[ \t]*=|\bsysctl\b[^\n]*\bnet\.|\bsysctl:[ \t]*$",
    ),
    Entry(
        "f5-bigip",
        files="bigip*.conf *.tmsh *tmsh*.sh *tmsh* *.scf *.json *f5*.conf *bigip*",
        sniff=r"(?m)^[^#\n]*\bltm[ \t]+(?:virtual|pool|profile|monitor|node)\b|\"class\"\s*:\s*\"(?:ADC|AS3)\"",
    ),
    Entry(
        "citrix-netscaler",
        files="ns.conf *netscaler*.conf *ns*.conf *.ns",
        sniff=r"(?m)^[ \t]*(?:add|set|bind)[ \t]+(?:lb|cs)[ \t]+vserver[ \t]",
    ),
    Entry("cilium", files=KUBE_FILES, sniff=r"cilium-config"),
    Entry("aws-alb", files=CLOUD_FILES, sniff=KUBE_SNIFF + r"|aws_a?lb\b|ElasticLoadBalancingV2" + MODULE),
    Entry("aws-clb", files=CLOUD_FILES, sniff=KUBE_SNIFF + r"|aws_elb\b|AWS::ElasticLoadBalancing::"),
    Entry("aws-global-accelerator", files=CLOUD_FILES, sniff=r"aws_globalaccelerator|AWS::GlobalAccelerator"),
    Entry("aws-gwlb", files=CLOUD_FILES, sniff=r"aws_a?lb\b|ElasticLoadBalancingV2" + MODULE),
    Entry("aws-nat-gateway", files=CLOUD_FILES, sniff=r"aws_nat_gateway|AWS::EC2::NatGateway" + MODULE),
    Entry("aws-nlb", files=CLOUD_FILES, sniff=KUBE_SNIFF + r"|aws_a?lb\b|ElasticLoadBalancingV2" + MODULE),
    Entry(
        "aws-vpc",
        files=CLOUD_FILES,
        sniff=r"connection_tracking_specification|ConnectionTrackingSpecification" + MODULE,
    ),
    Entry("azure-app-gateway", files=TF_FILES, sniff="azurerm_application_gateway"),
    Entry("azure-lb", files=TF_FILES + " *.yaml *.yml", sniff=KUBE_SNIFF + r"|azurerm_lb"),
    Entry("azure-nat-gateway", files=TF_FILES, sniff="azurerm_nat_gateway"),
    Entry("gcp-cloud-nat", files=TF_FILES, sniff=r"google_compute_router_nat" + MODULE),
    Entry(
        "gcp-lb",
        files=TF_FILES + " *.yaml *.yml",
        sniff=KUBE_SNIFF + r"|google_compute_(?:region_)?backend_service" + MODULE,
    ),
)
