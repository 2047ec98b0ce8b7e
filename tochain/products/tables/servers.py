"""Servers: programs that answer, by their files, their commands and their images."""

from __future__ import annotations

from tochain.products.base import Entry

__all__ = ["SERVERS"]

SERVERS: tuple[Entry, ...] = (
    Entry("gunicorn", commands="gunicorn", port=8000),
    Entry("uvicorn", commands="uvicorn fastapi", port=8000, variables="UVICORN_"),
    Entry("hypercorn", files="*hypercorn*.toml", commands="hypercorn", port=8000),
    Entry("puma", commands="puma rails", port=3000),
    Entry(
        "nodejs-http", commands="node npm yarn pnpm next nest ts-node tsx nodemon pm2-runtime", images="node", port=0
    ),
    Entry("bun", commands="bun", images="bun", port=3000),
    Entry(
        "php-fpm",
        files="*php*.ini php*.ini* *php*/*.ini *php*/*.conf *fpm*.conf pool.d/*.conf php-fpm.d/*.conf www.conf "
        "*www.conf *.pool.conf",
        sniff=r"(?m)^[ \t]*(?:pm[ \t]*=|listen[ \t]*=|request_terminate_timeout|max_execution_time|\[PHP\]|\[global\]"
        r"|default_socket_timeout|max_input_time|php(?:_admin)?_value\[)",
        code=True,
        commands="php-fpm",
        images=r"php|php-fpm.*",
        port=9000,
    ),
    Entry(
        "tomcat",
        files="*.xml *.xml.*",
        sniff=r"<Connector\b",
        commands="catalina.sh",
        images=r"tomcat.*|tomee.*|.*-tomcat",
        port=8080,
    ),
    Entry(
        "jetty",
        files="start.ini start.d/*.ini *jetty*.ini *jetty*/*.ini *jetty*.xml",
        sniff=r"jetty\.",
        code=True,
        images="jetty",
        port=8080,
    ),
    Entry(
        "airflow",
        files="*airflow*.cfg *airflow*.cfg.*",
        code=True,
        commands="airflow",
        images=r"airflow|.*-airflow(-.*)?",
        port=8080,
    ),
    Entry("celery", commands="celery"),
    Entry("granian", commands="granian", port=8000, variables="GRANIAN_"),
    Entry("grpc", files="*service*config*.json *serviceConfig*.json *grpc*.json", sniff=r"\"methodConfig\"\s*:"),
    Entry(
        "hashicorp-vault",
        files="*vault*.hcl *vault*.json vault/*.hcl vault/*/*.hcl vault/config/*.json *bao*.hcl",
        sniff=r"(?m)^[ \t]*listener[ \t]+\"?tcp\"?|\"listener\"\s*:",
        code=True,
        commands="vault bao",
        images=r"vault|vault-enterprise|openbao",
        port=8200,
    ),
    Entry("iis", files="web*.config applicationHost.config Web*.config", sniff=r"<configuration"),
    Entry(
        "kestrel",
        files="appsettings*.json",
        sniff=r"\"(?:Kestrel|ConnectionStrings)\"",
        forms=("npgsql", "stackexchange-redis"),
        code=True,
        images="aspnet",
    ),
    Entry(
        "keycloak",
        files="keycloak*.conf keycloak*/*.conf",
        sniff=r"(?m)^[ \t]*#?[ \t]*(?:db|hostname|http-\w+|https-\w+|spi-[\w-]+|proxy[\w-]*)[ \t]*=",
        code=True,
        commands="kc.sh",
        images=r"(.*-)?keycloak(-.*)?",
        port=8080,
    ),
    Entry("micronaut", files="application*.properties application*.yml application*.yaml", sniff=r"(?m)^micronaut[.:]"),
    Entry(
        "openssh",
        files="*sshd_config* *sshd_config.d/* *ssh_config* .ssh/config ssh/config",
        sniff=r"(?im)^[ \t]*#?[ \t]*(?:Host|Port|ServerAliveInterval|ClientAliveInterval|TCPKeepAlive|PermitRootLogin"
        r"|LoginGraceTime|Subsystem)[ \t=]",
        code=True,
    ),
    Entry("wireguard", files="*.conf *.conf.*", sniff=r"(?im)^[ \t]*\[Peer\][ \t]*$"),
    Entry(
        "passenger",
        files="Passengerfile.json",
        commands="passenger",
        images=r"passenger.*",
        port=3000,
        variables="PASSENGER_",
    ),
    Entry(
        "quarkus",
        files="application*.properties application*.yml application*.yaml",
        sniff=r"(?m)^(?:%\w+\.)?\"?quarkus[.:]",
        code=True,
    ),
    Entry("sidekiq", files="*sidekiq*.yml *sidekiq*.yaml", commands="sidekiq sidekiqswarm"),
    Entry(
        "spring-boot",
        files="*.yml *.yaml *.properties",
        sniff=r"(?m)^(?:spring|server|management|eureka|hystrix|ribbon|zuul|feign|resilience4j)(?:\.[\w.-]+)?\s*[:=]",
        code=True,
        forms=(
            "hikaricp",
            "r2dbc-pool",
            "lettuce",
            "openfeign",
            "hystrix-ribbon",
            "resilience4j",
            "spring-cloud-gateway",
        ),
    ),
    Entry(
        "undertow",
        files="standalone*.xml domain*.xml *wildfly*.xml *jboss*.xml *standalone*.xml",
        sniff=r"urn:jboss:domain:",
        commands="standalone.sh",
        images=r"wildfly.*|jboss-eap.*",
        forms=("ironjacamar",),
        port=8080,
    ),
    Entry("unicorn", commands="unicorn unicorn_rails", port=8080),
    Entry(
        "uwsgi",
        files="*.ini *.ini.* *uwsgi*.yml *uwsgi*.yaml *uwsgi*.json *uwsgi*.xml",
        sniff=r"(?m)^[ \t]*\[uwsgi\]|^uwsgi:|\"uwsgi\"\s*:|<uwsgi",
        code=True,
        commands="uwsgi uwsgi-core",
        images=r"uwsgi.*",
        variables="UWSGI_",
    ),
    Entry("waitress", commands="waitress-serve", port=8080),
)
