"""Clients: what opens connections and accepts none."""

from __future__ import annotations

from tochain.products.base import Entry
from tochain.products.tables.patterns import TF_FILES

__all__ = ["CLIENTS"]

CLIENTS: tuple[Entry, ...] = (
    Entry(
        "aws-credentials",
        files="*.aws/config *.aws/credentials *aws/config *aws/credentials *aws_credentials*",
        code=True,
    ),
    Entry("curl", files=".curlrc curlrc _curlrc *.curlrc"),
    Entry(
        "grafana",
        files="*grafana*.ini *grafana*.ini.* *datasource*.yml *datasource*.yaml *datasources*/*.yml "
        "*datasources*/*.yaml",
        sniff=r"(?m)^datasources:|^[ \t]*\[(?:server|dataproxy|auth|security|paths)",
        commands="grafana grafana-server",
        images=r"grafana(-.*)?",
        port=3000,
        variables="GF_SERVER_HTTP_",
    ),
    Entry("gcp-cloud-scheduler", files=TF_FILES, sniff="google_cloud_scheduler_job"),
    Entry("libpq", files="pg_service.conf .pg_service.conf *pg_service*.conf"),
    Entry(
        "client",  # what no product has read may still hold URLs
        stage="rest",
        files="*.yml *.yaml *.json *.toml *.properties *.ini *.cfg *.conf *.env .env .env.* *.xml *.config env",
        sniff=r"(?i)(?<![\w+])(?:jdbc:\w+|postgres\w*|postgis|mysql2?|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|nats|mqtts?"
        r"|memcached?)(?:\+\w+)?:(?:\w+:)?//",
        code=True,
    ),
)
