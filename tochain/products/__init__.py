"""The registry: every product tochain knows, in the order in which files are offered to them."""

from __future__ import annotations

from tochain.products.base import Entry

KUBE_FILES = "*.yaml *.yml *.json"
KUBE_SNIFF = r"(?m)^[\s{\"-]*apiVersion\"?\s*:"

__all__ = ["PRODUCTS"]

PRODUCTS: tuple[Entry, ...] = (
    Entry(
        "docker-compose",
        files="*.yaml *.yml",
        sniff=r"(?m)^services\s*:|^\s*\"services\"\s*:",
        stage="platform",
        forms=("docker-swarm-compose",),
    ),
    Entry("kubernetes", files=KUBE_FILES, sniff=KUBE_SNIFF, stage="platform"),
    Entry("dockerfile", files="Dockerfile Dockerfile.* *.Dockerfile *.dockerfile Containerfile", stage="platform"),
    Entry("ingress-nginx", files=KUBE_FILES, sniff=KUBE_SNIFF),
    Entry(
        "nginx",
        files="*.conf *.conf.* *.nginx *.vhost nginx nginx*.tmpl nginx*.template nginx*.j2 nginx*.erb nginx*.in nginx*.example "
        "*nginx*/*.template *nginx*/*.j2 *nginx*/*.erb *nginx*/*.tmpl *nginx*/*.inc *nginx*/conf sites-available/* "
        "sites-enabled/* vhosts.d/*",
    ),
    Entry(
        "envoy",
        files="*.yaml *.yml *.json",
        sniff=r"static_?[rR]esources|dynamic_?[rR]esources|envoy\.(admin|config|extensions)|ConfigDump",
        commands="envoy",
        images=r"envoy|envoy-(alpine|distroless|dev|debug|contrib|google-vrp).*",
    ),
    Entry(
        "apache-httpd",
        files="*.conf *.conf.* *.vhost sites-available/* sites-enabled/* apache*/*.tmpl apache*/*.template httpd*.tpl",
        sniff=r"(?im)^[ \t]*(?:<VirtualHost\s|LoadModule\s|ProxyPass(?:Match)?\s|<Proxy\s|KeepAlive\s+(?:on|off)\b|<IfModule\s"
        r"|KeepAliveTimeout\s+\S|RequestReadTimeout\s|IncludeOptional\s|<Directory\s|ProxyTimeout\s)",
        code=True,
        commands="httpd apache2 apachectl apache2ctl httpd-foreground apache2-foreground",
        images=r"httpd|apache2?",
        port=80,
    ),
    Entry(
        "haproxy",
        files="*haproxy*.cfg *haproxy*.cfg.j2 *haproxy*.cfg.erb *haproxy*.cfg.tmpl *haproxy*.cfg.tpl haproxy*.conf "
        "haproxy*.template haproxy.d/*.cfg haproxy/*.cfg haproxy/conf.d/*.cfg",
        sniff=r"(?m)^[ \t]*(?:global|defaults|frontend|listen|backend)\b",
    ),
    Entry(
        "caddy",
        files="Caddyfile Caddyfile.* *.Caddyfile *.caddyfile *.caddy *.json",
        sniff=r'"apps"\s*:|\A(?!\s*[\[{]\s*["\]}])',
        commands="caddy",
        images=r"caddy|caddy-.*|.*-caddy",
        port=443,
    ),
    # Known by how they are started: flags and environment are in their facts.
    Entry("gunicorn", commands="gunicorn", port=8000),
    Entry("uvicorn", commands="uvicorn fastapi", port=8000),
    Entry("hypercorn", commands="hypercorn", port=8000),
    Entry("puma", commands="puma rails", port=3000),
    Entry("nodejs-http", commands="node npm yarn pnpm next nest ts-node tsx nodemon pm2-runtime", images="node", port=0),
    Entry("bun", commands="bun", images="bun", port=3000),
    Entry("php-fpm", commands="php-fpm", images="php", port=9000),
    Entry("tomcat", commands="catalina.sh", images="tomcat", port=8080),
    Entry("jetty", images="jetty", port=8080),
    Entry("mysql", commands="mysqld", images="mysql|mysql-server", port=3306),
    Entry("postgresql", commands="postgres", images="postgres|postgresql|postgis", port=5432),
    Entry("redis", commands="redis-server", images="redis|valkey", port=6379),
    Entry("rabbitmq", commands="rabbitmq-server", images="rabbitmq", port=5672),
)
