"""Whatever holds a login: no command prints it, in no format, also where a finding points at the line it stands in."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

WORD = "s3cr3tW0rd"
FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")
CODED = b64encode(f"redis://:{WORD}@cache/0?socket_timeout=50000".encode()).decode()
SECRET = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: logins}}
stringData: {{DB: "mongodb://me:{WORD}@docs/x?socketTimeoutMS=5"}}
data: {{CACHE: {CODED}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec: {{containers: [{{name: web, image: web, envFrom: [{{secretRef: {{name: logins}}}}]}}]}}
"""
FILES = {
    "docker-compose.yml": "services:\n  a: {image: a, environment: {"
    f"A: 'mongodb://me:{WORD}@docs/x?socketTimeoutMS=5', B: 'Host=db;Username=me;Password={WORD};Timeout=20000', "
    f"C: 'me:{WORD}@tcp(db)/x?timeout=5s', PGHOST: db, PGCONNECT_TIMEOUT: '20000', PGPASSWORD: {WORD}}}}}\n"
    f"  r: {{image: redis, command: redis-server --requirepass {WORD} --timeout 90000000}}\n",
    "k8s.yaml": SECRET,
    "config/app.yml": f"db: postgresql://me:{WORD}@db/x?connect_timeout=50000\n",
    "config/app.properties": f"url=jdbc:mysql://db/x?user=me&password={WORD}&connectTimeout=9\n",
    ".env": f"REDIS_URL=redis://:{WORD}@cache/0?socket_timeout=50000\n",
    "src/main/resources/application.properties": f"spring.datasource.url=jdbc:mysql://me:{WORD}@db/x?connectTimeout=9\n"
    f"spring.datasource.password={WORD}\nspring.datasource.hikari.max-lifetime=1800\n",
    "config/database.yml": f"production: {{adapter: mysql2, host: db, password: {WORD}, connect_timeout: 20000}}\n",
    "proj/settings.py": 'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "db", '
    f'"PASSWORD": "{WORD}", "OPTIONS": {{"connect_timeout": 20000}}}}}}\n',
    "prisma/schema.prisma": f'datasource d {{\n  url = "mysql://me:{WORD}@db/x?pool_timeout=20&connect_timeout=20000"\n}}\n',
    "config/config.json": f'{{"production": {{"dialect": "mysql", "host": "db", "password": "{WORD}", "pool": {{"idle": 60}}}}}}\n',
    "appsettings.json": f'{{"ConnectionStrings": {{"D": "Host=db;Username=me;Password={WORD};Timeout=20000"}}}}\n',
    "pg_service.conf": f"[x]\nhost=db\npassword={WORD}\nconnect_timeout=20000\n",
    ".curlrc": f'connect-timeout = 20000\nuser = "me:{WORD}"\nproxy = "socks5h://me:{WORD}@jump:1080"\n',
    "gw.q": f"h:hopen (`:tick:5010:me:{WORD};5)\n",
    "proxysql.cnf": f'mysql_variables= {{ monitor_password="{WORD}" connect_timeout_server=5 }}\n',
    "airflow.cfg": f"[database]\nsql_alchemy_conn = postgresql://me:{WORD}@db/x\nsql_alchemy_pool_recycle = 1800\n",
    "keycloak.conf": f"db-url=jdbc:postgresql://db/kc?user=me&password={WORD}&socketTimeout=20000000\ndb-password={WORD}\n",
    "standalone.xml": '<server xmlns="urn:jboss:domain:20.0"><datasource><connection-url>'
    f"jdbc:mysql://db/x?password={WORD}&amp;connectTimeout=9</connection-url></datasource></server>\n",
    "kuma.json": f'{{"monitorList": [{{"id": 1, "databaseConnectionString": "postgres://me:{WORD}@db/x", "interval": 5, "timeout": 60}}]}}\n',
    "quartz.properties": f"org.quartz.dataSource.a.URL=jdbc:mysql://me:{WORD}@db/x?connectTimeout=9\n",
}


@pytest.mark.parametrize("path", FILES)
def test_no_command_prints_a_login(run, repo: Path, path: str) -> None:
    for old in ("nginx.conf", "tochain.yaml"):
        (repo / old).unlink()
    (repo / path).parent.mkdir(parents=True, exist_ok=True)
    (repo / path).write_text(FILES[path])
    commands = [("check", "--undecided", "--output-format", name) for name in FORMATS]
    commands += [("facts",), ("graph", "--why"), ("graph", "--format", "json"), ("init",), ("report", "-o", "out.html")]
    for command in commands:
        done = run(*command)
        assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exception)
        assert WORD not in done.output and CODED not in done.output, command
    assert WORD not in (repo / "out.html").read_text()
    assert '"status": "understood"' in run("check", "--output-format", "json").output
