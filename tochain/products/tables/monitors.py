"""What asks at intervals: monitors and schedules."""

from __future__ import annotations

from tochain.products.base import Entry

__all__ = ["MONITORS"]

MONITORS: tuple[Entry, ...] = (
    Entry(
        "blackbox-exporter",
        files="*blackbox*.yml *blackbox*.yaml *blackbox*/*.yml *blackbox*/*.yaml",
        sniff=r"(?m)^modules:",
        commands="blackbox_exporter",
        images=r"blackbox[-_]exporter",
        port=9115,
    ),
    Entry(
        "crontab",
        files="crontab crontab.txt *.crontab crontab.* *crontab cron.d/* crontabs/* *.cron",
        sniff=r"(?m)^[ \t]*(?:@\w+|(?:[\d*][\w*/,-]*[ \t]+){2}(?:[\w*/,-]+[ \t]+){2}[\w*/,-]+)[ \t]+\S",
    ),
    Entry(
        "prometheus",
        files="*prometheus*.yml *prometheus*.yaml *prometheus*.yml.* *prometheus*.yaml.* *prometheus*/*.yml "
        "*prometheus*/*.yaml *.yml *.yaml",
        sniff=r"(?m)^[ \t]*scrape_configs:|monitoring\.coreos\.com",
        code=True,
        commands="prometheus",
        images="prometheus",
        port=9090,
    ),
    Entry("pushgateway", commands="pushgateway", images="pushgateway", port=9091),
    Entry("quartz", files="*quartz*.properties", sniff=r"(?m)^[ \t]*org\.quartz\."),
    Entry("uptime-kuma", files="*.json", sniff=r"\"monitorList\"\s*:"),
)
