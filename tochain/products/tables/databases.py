"""Databases, and the pools that hold connections to them."""

from __future__ import annotations

from tochain.products.base import Entry
from tochain.products.tables.patterns import CLOUD_FILES

__all__ = ["DATABASES"]

DATABASES: tuple[Entry, ...] = (
    Entry("aws-rds-proxy", files=CLOUD_FILES, sniff=r"aws_db_proxy|AWS::RDS::DBProxy"),
    Entry(
        "mysql",
        files="*.cnf *.cnf.* *my.ini *my.cnf.j2",
        sniff=r"(?m)^[ \t]*\[(?:mysqld|mariadb|server\]|galera|embedded)",
        forms=("mariadb",),
        code=True,
        commands="mysqld mysqld_safe",
        images=r"mysql|mysql-server|percona(?!.*mongo).*",
        port=3306,
    ),
    Entry(
        "postgresql",
        files="*postgres*.conf *postgres*.conf.* *postgres*/*.conf *pgsql*/*.conf pg*.conf pg*.conf.*",
        sniff=r"(?m)^[ \t]*#?[ \t]*(?:listen_addresses|max_connections|shared_buffers|statement_timeout|wal_level"
        r"|idle_\w+_timeout|tcp_keepalives_\w+|work_mem|synchronous_commit|fsync)[ \t]*=",
        code=True,
        commands="postgres postmaster",
        images=r"postgres|postgresql|postgis|timescaledb(-ha)?|pgvector|.*-(postgres|postgresql)",
        port=5432,
    ),
    Entry(
        "redis",
        files="*redis*.conf *redis*.conf.* *redis*/*.conf *valkey*.conf *valkey*/*.conf",
        sniff=r"(?m)^[ \t]*#?[ \t]*(?:tcp-keepalive|timeout|maxmemory|appendonly|protected-mode|save|daemonize"
        r"|repl-\w+)[ \t]+\S",
        code=True,
        commands="redis-server valkey-server keydb-server",
        images=r"redis|valkey|redis-stack(-server)?|keydb|.*-(redis|valkey)(-.*)?",
        port=6379,
    ),
    Entry("activerecord", files="database.yml database.yml.* *database.yml", sniff=r"(?m)^production[ \t]*:"),
    Entry("c3p0", files="c3p0.properties c3p0-config.xml"),
    Entry("dbcp2", files="*.xml", sniff=r"javax\.sql\.DataSource", forms=("tomcat-jdbc",)),
    Entry("django", files="*settings*.py settings/*.py conf/*.py config/*.py", sniff=r"(?m)^DATABASES\b"),
    Entry(
        "elasticsearch",
        files="elasticsearch*.yml elasticsearch*.yaml opensearch.yml opensearch.yaml",
        code=True,
        sniff=r"(?m)^[ \t]*#?[ \t]*(?:cluster|node|path|network|http|discovery|bootstrap|transport|plugins)(?:\.[\w.]+)?[ \t]*:",
        images=r"elasticsearch(-.*)?|opensearch|opensearch-(?!dashboards).*",
        commands="elasticsearch opensearch",
        port=9200,
    ),
    Entry(
        "kdb",
        files="*.q *.sh",
        sniff=r"\bhopen\b|\bq\s+\S+\.q\b|\bq\b[^\n]*\s-p\s|(?m:^\\[Ttp]\s)|\.h\.ka\b|system\s*\"[Ttp]\s",
        commands="q",
    ),
    Entry("mariadb", commands="mariadbd mariadbd-safe", images=r"mariadb.*|.*-mariadb", port=3306),
    Entry("memcached", files="memcached*.conf", code=True, commands="memcached", images="memcached.*", port=11211),
    Entry(
        "mongod",
        files="*mongod*.conf *mongos*.conf mongodb.conf mongo*/*.conf *mongod*.conf.*",
        code=True,
        sniff=r"(?m)^(?:net|storage|systemLog|replication|setParameter)[ \t]*:",
        commands="mongod mongos",
        images=r"mongo|mongodb|percona-server-mongodb|mongodb-(community|enterprise)-server|.*-mongodb",
        port=27017,
    ),
    Entry("prisma", files="*.prisma", sniff=r"(?m)^[ \t]*datasource[ \t]+\w+[ \t]*\{"),
    Entry("sequelize", files="config/config.json *sequelize*.json database.json", sniff=r"\"dialect\"\s*:"),
    Entry("hikaricp", files="hikari*.properties *-hikari.properties"),
)
