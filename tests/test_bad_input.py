"""Broken files of every format: what is wrong is said with its place, and what else there is to read is still read."""

from __future__ import annotations

import pytest

from tochain.check import check_files, sample
from tochain.model.limit import Unknown

DEEP = 3000
NEXT = {
    "good/nginx.conf": "http {\n  upstream a { server 10.9.9.9:80; keepalive 2; keepalive_timeout 9s; }\n"
    "  server { listen 80; location / { proxy_pass http://a; proxy_http_version 1.1; proxy_set_header Connection ''; } }\n}\n"
}
"""A file beside the broken one that must still be read."""
ALB = "AWS::ElasticLoadBalancingV2::LoadBalancer"
BOMB = "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9))
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: "
PROBLEMS: dict[str, tuple[dict[str, str], list[str]]] = {
    "nginx syntax": (
        {"nginx.conf": "http {\n  server {\n    listen 80;\n    keepalive_timeout 5s\n  }\n}\n"},
        ['nginx.conf:4:25 expected ";" after keepalive_timeout before "}"'],
    ),
    "nginx never closed": (
        {"nginx.conf": "http {\n  server {\n"},
        [
            'nginx.conf:1:6 "{" of http is never closed; expected "}" before the end of the file',
            'nginx.conf:2:10 "{" of server is never closed; expected "}" before the end of the file',
        ],
    ),
    "nginx twice": (
        {"nginx.conf": "http {\n upstream a { server b; }\n upstream a { server c; }\n server { listen 80; }\n}\n"},
        ["nginx.conf:3:2 upstream a stands in line 2 already, and nginx refuses a second"],
    ),
    "nginx missing": (
        {"nginx.conf": "http {\n  include conf.d/gone.conf;\n  server { listen 80; }\n}\n"},
        ["nginx.conf:2:3 include of conf.d/gone.conf: there is no such file"],
    ),
    "nginx circle": (
        {"nginx.conf": "http {\n  include b.conf;\n  server { listen 80; }\n}\n", "b.conf": "include nginx.conf;\n"},
        ["b.conf:1:1 include loop: nginx.conf -> b.conf -> nginx.conf"],
    ),
    "haproxy syntax": (
        {"haproxy.cfg": 'frontend a\n  bind :80\n  log "open\n'},
        ['haproxy.cfg:3:7 expected a closing " for the quote opened here'],
    ),
    "haproxy type": (
        {"haproxy.cfg": "defaults\n  timeout client soon\nfrontend a\n  bind :80\n"},
        ["haproxy.cfg:2:3 timeout client: not a duration: 'soon'; expected 300s, 5m, 1h30m, 250ms, never or off"],
    ),
    "haproxy missing": (
        {"haproxy.cfg": "defaults x from x\nfrontend a from gone\n  bind :80\n  default_backend b\n"},
        [
            "haproxy.cfg:1:17 there is no defaults section called 'x' above",
            "haproxy.cfg:2:17 there is no defaults section called 'gone' above",
            "haproxy.cfg:4:3 there is no backend called 'b'",
        ],
    ),
    "haproxy twice": (
        {
            "haproxy.cfg": "backend a\n server s b:80\nbackend a\n server s c:80\nfrontend f\n bind :80\n use_backend a\n"
        },
        ["haproxy.cfg:3:1 there is a backend called 'a' in line 1 already"],
    ),
    "httpd never closed": (
        {"httpd.conf": "Listen 80\n<VirtualHost *:80>\nKeepAliveTimeout 5\n"},
        ["httpd.conf:2:1 <VirtualHost> is never closed"],
    ),
    "httpd missing": (
        {"httpd.conf": "Listen 80\nKeepAliveTimeout 5\nInclude gone.conf\n"},
        ["httpd.conf:3:1 include of gone.conf: it was not found in the given folders"],
    ),
    "caddy never closed": (
        {"Caddyfile": "a.example {\n  reverse_proxy app:80\n"},
        ["Caddyfile:1:11 this block is never closed"],
    ),
    "caddy missing": (
        {"Caddyfile": "a.example {\n  import gone\n}\n"},
        ["Caddyfile:2:3 no snippet and no file 'gone' to import"],
    ),
    "caddy circle": (
        {"Caddyfile": "(a) {\n  import a\n}\nx.example {\n  import a\n}\n"},
        ["Caddyfile:2:3 imports go in a circle or too deep"],
    ),
    "caddy json": (
        {"caddy.json": '{"apps": {"http": {"servers": {"a": {"listen": [":80"]}}}'},
        ["caddy.json:1:58 the object that begins in line 1 never ends"],
    ),
    "vcl syntax": (
        {"a.vcl": 'vcl 4.1;\nbackend a {\n .host = "a"\n}\n'},
        ["a.vcl:3:10 expected ; behind this"],
    ),
    "vcl missing": (
        {"a.vcl": 'vcl 4.1;\nbackend a { .host = "a"; .probe = gone; }\n'},
        ["a.vcl:2:26 there is no probe called 'gone'"],
    ),
    "vcl circle": (
        {"a.vcl": 'vcl 4.1;\ninclude "a.vcl";\nbackend a { .host = "a"; }\n'},
        ["a.vcl:2:1 include of a.vcl leads back to a file that includes this one"],
    ),
    "squid type": (
        {"squid.conf": "http_port 3128\nread_timeout soon\n"},
        ["squid.conf:2:1 read_timeout: not a duration: 'soon'; expected 300s, 5m, 1h30m, 250ms, never or off"],
    ),
    "yaml syntax": (
        {"compose.yaml": "services:\n  web:\n    image: nginx\n   ports: [80]\n"},
        ["compose.yaml:4:4 did not find expected key while parsing a block mapping that begins in line 2"],
    ),
    "yaml twice": (
        {"compose.yaml": "services:\n  web: {image: nginx}\n  web: {image: httpd}\n"},
        ["compose.yaml:3:3 duplicate key 'web', first at 2:3; the last one counts"],
    ),
    "yaml missing": (
        {"compose.yaml": "services:\n  web: *gone\n"},
        ["compose.yaml:2:8 alias *gone names no anchor before it"],
    ),
    "yaml circle": (
        {"compose.yaml": "services: &a\n  web: *a\n"},
        ["compose.yaml:2:8 alias *a stands inside what it names"],
    ),
    "yaml bomb": (
        {"compose.yaml": f"a: &a [1,1,1,1,1,1,1,1,1]\n{BOMB}services: {{web: {{image: nginx, command: *j}}}}\n"},
        ["compose.yaml:6:11 alias bomb: aliases expand to more than 200,000 nodes"],
    ),
    "yaml deep": (
        {"compose.yaml": "services: " + "[" * DEEP + "]" * DEEP + "\n"},
        ["compose.yaml:1:1010 nested too deeply: at most 200 levels are read"],
    ),
    "compose types": (
        {
            "compose.yaml": "services:\n  web: [a]\n  app: {image: nginx, ports: {a: b}, environment: 3, stop_grace_period: soon}\n"
        },
        [
            "compose.yaml:2:8 service web: expected a mapping",
            "compose.yaml:3:73 stop_grace_period: not a duration: 'soon'; expected 300s, 5m, 1h30m, 250ms, never or off",
        ],
    ),
    "kubernetes types": ({"k.yaml": f"{POD}3\n"}, ["k.yaml:4:7 Pod web: expected a mapping for spec"]),
    "kustomize circle": (
        {
            "a/kustomization.yaml": "resources: [../b]\n",
            "b/kustomization.yaml": "resources: [../a, k.yaml, gone.yaml]\n",
            "b/k.yaml": POD + "{containers: [{name: web, image: nginx}]}\n",
        },
        [
            "b/kustomization.yaml:1:13 ../a leads back to this kustomization",
            "b/kustomization.yaml:1:27 gone.yaml was not found",
        ],
    ),
    "toml syntax": ({"traefik.toml": "[entryPoints\n  a = 3\n"}, ["traefik.toml:1:13 expected ']'"]),
    "kong types": (
        {"kong.yml": "_format_version: '3.0'\nservices:\n- {name: a, url: 'http://a', read_timeout: soon}\n- 3\n"},
        ["kong.yml:3:30 read_timeout: not a duration: 'soon'; expected 300s, 5m, 1h30m, 250ms, never or off"],
    ),
    "terraform syntax": (
        {"main.tf": 'resource "aws_lb" "a" {\n  idle_timeout = \n}\n'},
        ["main.tf:2:18 expected a value"],
    ),
    "terraform twice": (
        {"main.tf": 'resource "aws_lb" "a" { idle_timeout = 5 }\nresource "aws_lb" "a" { idle_timeout = 9 }\n'},
        ["main.tf:2:19 aws_lb.a is declared at main.tf:1:19 already"],
    ),
    "terraform deep": (
        {"main.tf": "locals {\n a = " + "[" * DEEP + "]" * DEEP + '\n}\nresource "aws_lb" "a" {}\n'},
        ["main.tf:2:205 nested too deeply: at most 200 levels are read"],
    ),
    "cloudformation syntax": (
        {"t.yaml": f"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A: {{Type: {ALB}\n"},
        ["t.yaml:4:1 did not find expected ',' or '}' while parsing a flow mapping that begins in line 3"],
    ),
    "ini": ({"uwsgi.ini": "[uwsgi]\nhttp = :80\n=\n"}, ["uwsgi.ini:3:1 expected a key before the separator"]),
    "xml syntax": (
        {"server.xml": "<Server><Service><Connector port='80'></Service></Server>"},
        ["server.xml:1:41 mismatched tag in <Connector> of line 1"],
    ),
    "xml bomb": (
        {"server.xml": "<!DOCTYPE a [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><Server><Connector port='8'/></Server>"},
        ["server.xml:1:13 a DOCTYPE with declarations of its own is not read"],
    ),
    "keepalived never closed": (
        {"keepalived.conf": "virtual_server 10.0.0.1 80 {\n  protocol TCP\n"},
        ["keepalived.conf:1:28 this block is never closed"],
    ),
    "big-ip never closed": (
        {"bigip.conf": "ltm virtual /Common/a {\n  destination /Common/10.0.0.1:80\n"},
        ["bigip.conf:1:23 this block is never closed"],
    ),
    "dockerfile": ({"Dockerfile": "FROM\nCMD gunicorn a\n"}, ["Dockerfile:1:1 no line of it is FROM with an image"]),
    "procfile": (
        {"Procfile": "web gunicorn a\n# a comment\nweb: gunicorn a\n"},
        ["Procfile:1:1 expected a name, a colon and a command"],
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_wrong_has_a_place(name: str) -> None:
    files, expected = PROBLEMS[name]
    result = check_files({**files, **NEXT})
    said = [f"{p.span} {p.message}" for file in result.files for p in file.problems]
    assert (sorted(said), result.crashes) == (sorted(expected), ())
    assert [file.status for file in result.files if file.path in NEXT] == ["understood"]


DEEP_FILES = {
    "nginx.conf": "http {" + "server {" * DEEP + "}" * (DEEP + 1),
    "Caddyfile": "a.example {\n" + "handle {\n" * DEEP + "}\n" * (DEEP + 1),
    "httpd.conf": "Listen 80\nKeepAliveTimeout 5\n" + "<Location /a>\n" * DEEP + "</Location>\n" * DEEP,
    "a.vcl": 'vcl 4.1;\nbackend a { .host = "a"; }\nsub vcl_recv {\n' + "if (a) {\n" * DEEP + "}\n" * (DEEP + 1),
    "bigip.conf": "ltm virtual /Common/a {\n" + "a {\n" * DEEP + "}\n" * (DEEP + 1),
    "keepalived.conf": "virtual_server 10.0.0.1 80 {\n" + "a {\n" * DEEP + "}\n" * (DEEP + 1),
    "server.xml": "<Server><Connector port='1'/>" + "<a>" * DEEP + "</a>" * DEEP + "</Server>",
    "caddy.json": '{"apps": ' + "[" * DEEP + "]" * DEEP + "}",
    "traefik.toml": "entryPoints = " + "[" * DEEP + "]" * DEEP + "\n",
    "main.js": "const http = require('http');\nhttp.createServer(" + "(" * DEEP + ")" * DEEP + ");\n",
    "nats.conf": "port: 4222\n" + "a {\n" * DEEP + "}\n" * DEEP,
}


@pytest.mark.parametrize("name", DEEP_FILES)
def test_deep_files_are_no_crash(name: str) -> None:
    result = check_files({name: DEEP_FILES[name], **NEXT})
    assert result.crashes == ()
    assert [file.status for file in result.files if file.path in NEXT] == ["understood"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {
                "a.tf": 'locals {\n  a = local.b\n  b = local.a\n}\nresource "aws_lb" "a" {\n  idle_timeout = local.a\n}\n'
            },
            "a.tf:6:18 ",
        ),
        ({"a.tf": 'resource "aws_lb" "a" {\n  idle_timeout = var.gone\n}\n'}, "a.tf:2:18 "),
        (
            {
                "t.yaml": "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A:\n"
                f"    Type: {ALB}\n    Properties:\n      LoadBalancerAttributes:\n"
                "      - {Key: idle_timeout.timeout_seconds, Value: !Ref Gone}\n"
            },
            "t.yaml:7:",
        ),
    ],
)
def test_what_refers_to_nothing_is_unknown_with_a_reason(files: dict[str, str], reason: str) -> None:
    (balancer,) = [c for c in sample(files).graph.components if c.product == "aws-alb"]
    (fact,) = balancer.facts["connect.idle_keep"]
    assert isinstance(fact.limit, Unknown) and fact.limit.reason
    assert f"{fact.span} ".startswith(reason)
