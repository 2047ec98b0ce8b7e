"""Damaged settings files of servers, pools, databases, brokers and monitors: read as far as they go, never a crash."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.products.texts import read

FILES = {
    ("mysql", "my.cnf"): "[mysqld]\nport=3306\nwait-timeout = 600 # x\n!include /etc/x.cnf\n",
    ("postgresql", "postgresql.conf"): "port = 5433\nidle_session_timeout = '10min'\nstatement_timeout 30s\n",
    ("redis", "redis.conf"): "port 0\nunixsocket /run/r.sock\ntimeout 300\nuser x on >pass\n",
    ("rabbitmq", "rabbitmq.config"): "[{rabbit, [{heartbeat, 580}, {consumer_timeout, undefined}]}].\n",
    ("rabbitmq", "rabbitmq.conf"): "heartbeat = 30\nlisteners.tcp.default = 127.0.0.1:5673\n",
    (
        "mqtt-mosquitto",
        "mosquitto.conf",
    ): "listener 1883 0.0.0.0\nconnection up\naddress a:8883\nkeepalive_interval 120\n",
    (
        "pgbouncer",
        "pgbouncer.ini",
    ): "[databases]\nshop = host=db port=5433 password='s p'\n[pgbouncer]\nlisten_port = 6433\n",
    (
        "proxysql",
        "proxysql.cnf",
    ): 'mysql_variables= { wait_timeout=1 interfaces="0.0.0.0:6033" }\nmysql_servers = ( { address="a", port=3 } )\n',
    ("kafka", "producer.properties"): "bootstrap.servers=kafka:9092\nlinger.ms=5\nclient.id=a\n",
    (
        "spring-boot",
        "application.yml",
    ): "spring: {datasource: {url: 'jdbc:mysql://db:33/x?socketTimeout=1'}}\nserver: {port: 1}\n",
    (
        "spring-boot",
        "application.properties",
    ): "server.port=${PORT:8}\nspring.redis.host=cache\nzuul.routes.a.url=http://a\n",
    ("quarkus", "application.properties"): "quarkus.http.port=8\nquarkus.datasource.jdbc.url=jdbc:postgresql://db/x\n",
    ("tomcat", "server.xml"): '<Server><Service><Connector port="1" connectionTimeout="2"/></Service></Server>',
    (
        "php-fpm",
        "www.conf",
    ): "[www]\nlisten = 127.0.0.1:9000\nrequest_terminate_timeout = 30s\nphp_admin_value[max_input_time] = 9\n",
    ("uwsgi", "uwsgi.ini"): "[uwsgi]\nhttp = [::]:8080\nsocket = /run/x.sock\nharakiri = 20\n",
    (
        "prometheus",
        "prometheus.yml",
    ): "global: {scrape_interval: 5s}\nscrape_configs:\n- {job_name: a, static_configs: [{targets: [b]}]}\n",
    ("blackbox-exporter", "blackbox.yml"): "modules:\n  a: {prober: http, timeout: 5s}\n",
    ("openssh", "ssh_config"): "Host a b\n  HostName c\n  Port 22\nHost *\n  ServerAliveInterval 30\nMatch exec x\n",
    ("keycloak", "keycloak.conf"): "db-url=jdbc:postgresql://db/kc\nhttp-port=1\n",
    (
        "kestrel",
        "appsettings.json",
    ): '{"Kestrel": {"Limits": {"KeepAliveTimeout": "0:2:0"}}, "ConnectionStrings": {"a": "Host=b;Port=c"}}',
    ("iis", "web.config"): '<configuration><a><aspNetCore requestTimeout="0:2:0"/></a></configuration>',
    ("airflow", "airflow.cfg"): "[core]\nx = y\n[database]\nsql_alchemy_conn = postgresql://db/x\n",
    ("nats", "nats.conf"): 'port: 4222\ntls { timeout: 2 }\nping_interval: "2m"\n',
    ("activemq", "activemq.xml"): '<b><transportConnector name="a" uri="tcp://0.0.0.0:61616?soTimeout=3"/></b>',
    ("memcached", "memcached.conf"): "-p 11211\n-o idle_timeout=3\n",
    ("grafana", "datasources.yml"): "datasources:\n- {name: a, url: 'http://b', jsonData: {timeout: 3}}\n",
    (
        "uptime-kuma",
        "kuma.json",
    ): '{"version": "1.23", "monitorList": [{"id": 1, "name": "a", "url": "http://b", "timeout": 3}]}',
    (
        "aws-credentials",
        "aws/credentials",
    ): "[a]\naws_session_token = x\n[profile b]\nrole_arn = c\nduration_seconds = 3\n",
    ("curl", ".curlrc"): "max-time = 3\nproxy = socks5://a:1\n",
    ("kdb", "a.q"): "\\p 5010\nh: hopen (`:a:1:u:p; 20)\n\\t 100\n",
    ("kdb", "a.sh"): "q tick.q -p 5010 -T 30 &\n",
    ("socks-proxy", "sockd.conf"): "internal: eth0 port = 1085\ntimeout.io: 3\n",
    ("sidekiq", "sidekiq.yml"): ":concurrency: 5\n:timeout: 40\n",
    ("hypercorn", "hypercorn.toml"): 'bind = ["a:1"]\nkeep_alive_timeout = 3\n',
    ("jetty", "start.ini"): "jetty.http.port=8081\njetty.http.idleTimeout=45000\n",
    ("micronaut", "application.yml"): "micronaut: {server: {port: 1, idle-timeout: 3s}}\n",
    ("activerecord", "database.yml"): "production:\n  a: {adapter: mysql2, host: db, port: 3, variables: {x: 1}}\n",
    ("crontab", "crontab"): "*/5 * * * * flock -n /x timeout -k 5 10m curl -m 3 http://a\n@daily b\n",
    ("mongod", "mongod.conf"): "net: {port: 27018}\nstorage: {dbPath: /x}\n",
    ("elasticsearch", "elasticsearch.yml"): "http.port: 9201\nhttp: {read_timeout: 3s, tcp.keep_alive: false}\n",
    ("undertow", "standalone.xml"): '<server><http-listener name="a" socket-binding="b" read-timeout="3"/>'
    '<socket-binding-group port-offset="1"><socket-binding name="b" port="8"/></socket-binding-group></server>',
    (
        "jetty",
        "jetty.xml",
    ): '<Configure class="org.eclipse.jetty.server.Server"><Set name="stopTimeout">3</Set></Configure>',
    ("hashicorp-vault", "vault.hcl"): 'listener "tcp" {\n  address = "[::]:8200"\n  http_idle_timeout = "3m"\n}\n',
    (
        "artemis",
        "broker.xml",
    ): "<a><core><acceptors><acceptor name='a'>tcp://b:1?connectionTtl=3</acceptor></acceptors></core></a>",
    ("prisma", "schema.prisma"): 'datasource db {\n  url = "mysql://a:b@c:3/d?pool_timeout=5"\n}\n',
    (
        "django",
        "settings.py",
    ): 'DATABASES = {"default": {"ENGINE": "a.postgresql", "HOST": "b", "PORT": 3, "OPTIONS": {"a": 1}}}\n',
    (
        "sequelize",
        "config/config.json",
    ): '{"production": {"dialect": "mysql", "host": "a", "port": 3, "pool": {"idle": 5}}}',
    (
        "grpc",
        "grpc.json",
    ): '{"methodConfig": [{"name": [{"service": "a"}], "timeout": "3s", "retryPolicy": {"maxAttempts": 3}}]}',
    (
        "temporal",
        "temporal.yaml",
    ): "services: {frontend: {rpc: {grpcPort: 7, membershipPort: 6}}}\nfrontend.keepAliveTime:\n- value: 3s\n",
    ("passenger", "Passengerfile.json"): '{"port": 3, "max_request_time": 5}',
    ("libpq", "pg_service.conf"): "[a]\nhost=b\nport=3\nconnect_timeout=5\n[c]\nhost=/d\n",
    ("client", "app.yml"): "a: redis://:b@c:3/0?socket_timeout=5\nd: [amqp://e, 'mysql://f:3/g']\n",
    ("client", "app.ini"): "[a]\nb = postgresql://c:d@e:3/f?connect_timeout=5\n",
    ("uwsgi", "uwsgi.yaml"): "uwsgi: {http: ':8080', harakiri: 20}\n",
    ("quartz", "quartz.properties"): "org.quartz.dataSource.a.URL=jdbc:mysql://b:3/c?connectTimeout=5\n",
}


@pytest.mark.parametrize(("product", "name"), FILES, ids="-".join)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_damaged_files(product: str, name: str, data: st.DataObject) -> None:
    text = FILES[product, name]
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    junk = data.draw(
        st.sampled_from(
            ["", "\0", "{{ x }}", "[[[[", "'\"", "${A:-b}", "\t: - ", "99999999999999999999", "[" * 3000, "é\ufeff"]
        )
    )
    found, _ = read(product, {name: text[:start] + junk + text[end:]})
    assert len({component.key for component in found}) == len(found)
