"""Proxies: what ends a connection on one side and opens another, gateways of clusters and clouds included."""

from __future__ import annotations

from tochain.products.base import Entry
from tochain.products.tables.patterns import CLOUD_FILES, KUBE_FILES, KUBE_SNIFF, MODULE, SERVERLESS, TF_FILES

__all__ = ["PROXIES"]

PROXIES: tuple[Entry, ...] = (
    Entry("istio", files=KUBE_FILES, sniff=KUBE_SNIFF),
    Entry("gateway-api", files=KUBE_FILES, sniff=KUBE_SNIFF),
    Entry("ingress-nginx", files=KUBE_FILES, sniff=KUBE_SNIFF),
    Entry("nginx-kubernetes-ingress", files=KUBE_FILES, sniff=KUBE_SNIFF),
    Entry(
        "nginx",
        files="*.conf *.conf.* *.nginx *.vhost nginx nginx*.tmpl nginx*.template nginx*.j2 nginx*.erb nginx*.in nginx*.example "
        "*nginx*/*.template *nginx*/*.j2 *nginx*/*.erb *nginx*/*.tmpl *nginx*/*.inc *nginx*/conf sites-available/* "
        "sites-enabled/* vhosts.d/* *nginx*.txt",
        code=True,
        forms=("openresty",),
    ),
    Entry(
        "envoy",
        files="*.yaml *.yml *.json",
        sniff=r"static_?[rR]esources|dynamic_?[rR]esources|envoy\.(admin|config|extensions)|ConfigDump",
        code=True,
        commands="envoy",
        images=r"envoy|envoy-(alpine|distroless|dev|debug|contrib|google-vrp).*",
    ),
    Entry(
        "apache-httpd",
        files="*.conf *.conf.* *.vhost sites-available/* sites-enabled/* apache*/*.tmpl apache*/*.template httpd*.tpl",
        sniff=r"(?im)^[ \t]*(?:<VirtualHost\s|LoadModule\s|ProxyPass(?:Match)?\s|<Proxy\s|KeepAlive\s+(?:on|off)\b"
        r"|<IfModule\s|KeepAliveTimeout\s+\S|RequestReadTimeout\s|IncludeOptional\s|<Directory\s|ProxyTimeout\s)",
        code=True,
        commands="httpd apache2 apachectl apache2ctl httpd-foreground apache2-foreground",
        images=r"httpd|apache2?",
        port=80,
    ),
    Entry(
        "cloudflared",
        files="config.yml config.yaml *cloudflared*.yml *cloudflared*.yaml *cloudflared*/*.yml *cloudflared*/*.yaml",
        sniff=r"(?m)^ingress:\s*$",
        code=True,
        images=r"cloudflared",
        commands="cloudflared",
    ),
    Entry(
        "varnish",
        files="*.vcl *.vcl.* varnish.params default/varnish *varnish*.sh varnish*.service",
        sniff=r"(?m)^[ \t]*(?:vcl[ \t]+\d|(?:sub|backend|import|acl)[ \t]+\w)|varnishd|DAEMON_OPTS",
        code=True,
        commands="varnishd",
        images=r"varnish(-.*)?",
        port=80,
    ),
    Entry(
        "squid",
        files="squid*.conf *squid*.conf *squid*.conf.* squid/*.conf squid/conf.d/*",
        sniff=r"(?m)^[ \t]*(?:https?_port|http_access|cache_peer|acl|refresh_pattern|cache_dir|visible_hostname)\s",
        commands="squid squid3",
        images=r"squid(-.*)?|docker-squid",
        port=3128,
    ),
    Entry(
        "haproxy",
        files="*.cfg *.cfg.j2 *.cfg.erb *.cfg.tmpl *.cfg.tpl haproxy*.conf haproxy*.conf.* haproxy*.template",
        sniff=r"(?m)^[ \t]*(?:frontend|listen|backend|defaults|global)\b[^\n=:]*$|^[ \t]*timeout[ \t]+(?:client|server) ",
        code=True,
    ),
    Entry(
        "caddy",
        files="Caddyfile Caddyfile.* *.Caddyfile *.caddyfile *.caddy *.json",
        sniff=r'"apps"\s*:|\A(?!\s*[\[{]\s*["\]}])',
        code=True,
        commands="caddy",
        images=r"caddy|caddy-.*|.*-caddy",
        port=443,
    ),
    Entry(
        "traefik",
        files="*.yaml *.yml *.toml",
        sniff=r"(?i)entrypoints|serverstransport|respondingtimeouts|loadbalancer|traefik|backends",
        code=True,
        commands="traefik",
        images="traefik",
        port=80,
    ),
    Entry(
        "kong",
        files="kong*.conf kong.conf.default *.yaml *.yml *.json",
        sniff=r"_format_version|konghq\.com|ingressClassName:\s*kong"
        r"|(?:^|\n)\s*#?\s*(?:proxy_listen|admin_listen|database|upstream_keepalive_\w+|nginx_\w+)\s*=",
        code=True,
        commands="kong",
        images=r"kong|kong-gateway|kong-ee",
        port=8000,
    ),
    Entry(
        "apisix",
        files="*.yaml *.yml",
        sniff=r"nginx_config:|node_listen|apisix|#END",
        code=True,
        commands="apisix",
        images="apisix",
        port=9080,
    ),
    Entry("envoy-gateway", files=KUBE_FILES, sniff=r"gateway\.(envoyproxy|networking\.k8s)\.io"),
    Entry("contour", files=KUBE_FILES, sniff=r"projectcontour\.io|contour|kind:\s*Ingress"),
    Entry("emissary", files=KUBE_FILES, sniff=r"getambassador\.io"),
    Entry("consul", files=KUBE_FILES, sniff=r'consul\.hashicorp\.com|"[Kk]ind"\s*:\s*"(?:service|proxy)-'),
    Entry("linkerd", files=KUBE_FILES, sniff=KUBE_SNIFF),
    Entry("cilium-envoy", files=KUBE_FILES, sniff=KUBE_SNIFF),
    Entry(
        "aws-api-gateway", files=CLOUD_FILES, sniff=r"aws_api_?gateway|AWS::(?:ApiG|Serverless)" + MODULE + SERVERLESS
    ),
    Entry("aws-cloudfront", files=CLOUD_FILES, sniff=r"aws_cloudfront_distribution|AWS::CloudFront" + MODULE),
    Entry("azure-front-door", files=TF_FILES, sniff="azurerm_(?:cdn_)?frontdoor"),
    Entry("cloudflare", files=TF_FILES, sniff="cloudflare_"),
    Entry("fastly", files=TF_FILES, sniff="fastly_service"),
    Entry("heroku", files="app.json heroku.yml", sniff=r'"(?:buildpacks|formation|addons|stack)"|^(?:build|setup):'),
    Entry(
        "pgbouncer",
        files="*pgbouncer*.ini *pgbouncer*.ini.* *pgbouncer*/*.ini *pgbouncer*/*.ini.*",
        code=True,
        commands="pgbouncer",
        images=r"pgbouncer.*|.*-pgbouncer",
        port=6432,
    ),
    Entry(
        "proxysql",
        files="*proxysql*.cnf *proxysql*.cnf.* *proxysql*/*.cnf",
        sniff=r"(?m)^[ \t]*(?:mysql_variables|mysql_servers|admin_variables)[ \t]*=",
        commands="proxysql",
        images=r"proxysql.*",
        port=6033,
    ),
    Entry("socks-proxy", files="*sockd*.conf *danted*.conf *sockd*.conf.*", images=r"dante.*|sockd", port=1080),
    Entry(
        "spring-cloud-gateway",  # an application's own file is read by spring-boot, its gateway with it
        stage="rest",
        files="application*.yml application*.yaml application*.properties bootstrap*.yml *-gateway*.yml gateway*.yml "
        "*-gateway*.yaml gateway*.yaml *-gateway*.properties",
        sniff=r"(?s)gateway.*(?:routes|httpclient)",
    ),
)
