"""Which files make up one nginx: includes, their loops and ends, loose files, dumps, and look-alikes."""

from __future__ import annotations

import pytest

from tests.products.texts import links, read, settings, workload
from tochain.check import check_files
from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.nginx.extract import read as extract
from tochain.reading import read_all

MAIN = "events { }\nhttp {\n    keepalive_timeout 20s;\n    include %s;\n}\n"
SERVER = "server {\n    listen 80;\n    server_name %s;\n    location / { proxy_pass http://app:8000; }\n}\n"


def told(reports) -> list[str]:
    return [f"{p.span} {p.status}: {p.message}" for report in reports.values() for p in report.problems]


def names(found) -> list[str]:
    return [f"{c.name} ({c.span}) {c.scope}" for c in found]


INCLUDES = {
    "relative to the main file": ("conf.d/*.conf", ["n/conf.d/a.conf", "n/conf.d/b.conf"]),
    "by the usual root": ("/etc/nginx/conf.d/*.conf", ["n/conf.d/a.conf", "n/conf.d/b.conf"]),
    "by another root": ("/usr/local/openresty/nginx/conf/conf.d/*.conf", ["n/conf.d/a.conf", "n/conf.d/b.conf"]),
    "one file": ("conf.d/b.conf", ["n/conf.d/b.conf"]),
    "a pattern with brackets": ("conf.d/[b].conf", ["n/conf.d/b.conf"]),
    "through a folder": ("*/a.conf", ["n/conf.d/a.conf"]),
    "with dots": ("./x/../conf.d/a.conf", ["n/conf.d/a.conf"]),
}


@pytest.mark.parametrize("how", INCLUDES)
def test_includes_are_found(how):
    pattern, expected = INCLUDES[how]
    texts = {
        "n/nginx.conf": MAIN % pattern,
        "n/conf.d/a.conf": SERVER % "a.example",
        "n/conf.d/b.conf": SERVER % "b.example",
        "n/conf.d/.hidden.conf": "",
        "n/conf.d/sub/c.conf": "",
    }
    found, reports = read("nginx", texts)
    included = [c for c in found if settings(c.settings)]
    assert [c.span.path for c in included] == expected
    assert [settings(c.settings) for c in included] == [["keepalive_timeout = 20s @ 3:5-27 inherited"]] * len(expected)
    assert [c.files for c in included] == [("n/nginx.conf", path) for path in expected]
    assert told(reports) == []


def test_includes_follow_what_is_mounted():
    texts = {
        "ops/main.conf": MAIN % "/etc/nginx/conf.d/*.conf",
        "ops/site.conf": SERVER % "a.example",
        "ops/tpl/b.conf.template": SERVER % "b.example",
        "ops/more/c.conf": SERVER % "c.example",
    }
    mounts = {
        "ops/main.conf": "/etc/nginx/nginx.conf",
        "ops/site.conf": "/etc/nginx/conf.d/default.conf",
        "ops/tpl": "/etc/nginx/templates",
    }
    found, reports = read("nginx", texts, workload("web", "nginx:1.30", mounts=mounts))
    assert names(found) == [
        "web (ops/site.conf:1:1) compose:compose.yaml",
        "web (ops/tpl/b.conf.template:1:1) compose:compose.yaml",
        "c.example (ops/more/c.conf:1:1) dir:ops/more",
    ]
    assert [settings(c.settings) for c in found[:2]] == [["keepalive_timeout = 20s @ 3:5-27 inherited"]] * 2
    assert told(reports) == []


MISSING = {
    "conf.d/*.conf": [],
    "/etc/nginx/mime.types": [],
    "fastcgi_params": [],
    "/etc/nginx/modules-enabled/*.conf": [],
    "extra.conf": ["n/nginx.conf:4:5 partly: include of extra.conf: there is no such file"],
    "../outside.conf": ["n/nginx.conf:4:5 partly: include of ../outside.conf: there is no such file"],
    "../../outside.conf": [
        "n/nginx.conf:4:5 partly: include of ../../outside.conf: it is outside of the given folders and was not read"
    ],
    "/srv/x.conf": [
        "n/nginx.conf:4:5 partly: include of /srv/x.conf: it is outside of the given folders and was not read"
    ],
    "/etc/nginx/${ENV}.conf": [
        "n/nginx.conf:4:5 partly: include of /etc/nginx/${ENV}.conf: the name is filled in later"
    ],
}


@pytest.mark.parametrize("pattern", MISSING)
def test_what_is_not_there_is_said_unless_it_may_be_missing(pattern):
    _, reports = read("nginx", {"n/nginx.conf": MAIN % pattern})
    assert told(reports) == MISSING[pattern]


LOOPS = {
    "itself": ({"nginx.conf": "http { include nginx.conf; server { } }"}, ["nginx.conf:1:8 partly: include loop: nginx.conf -> nginx.conf"]),
    "through another": (
        {"nginx.conf": "http { include a.conf; }", "a.conf": "server { include b.conf; }", "b.conf": "include a.conf;\nlisten 81;\n"},
        ["b.conf:1:1 partly: include loop: a.conf -> b.conf -> a.conf"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_an_include_loop_ends(name):
    texts, problems = LOOPS[name]
    found, reports = read("nginx", texts)
    assert len(found) == 1
    assert told(reports) == problems


def test_includes_that_multiply_end():
    texts = {"nginx.conf": "http { include f0.conf; include f0.conf; server { } }"}
    texts |= {f"f{n}.conf": f"include f{n + 1}.conf; include f{n + 1}.conf;" for n in range(30)}
    found, reports = read("nginx", {**texts, "f30.conf": "send_timeout 5s;"})
    assert len(found) == 1
    assert any("more than 20000 includes; the rest is not read" in line for line in told(reports))


def test_a_chain_of_a_thousand_includes():
    texts = {"nginx.conf": "http { include f0.conf; server { } }", "f999.conf": "keepalive_timeout 7s;"}
    texts |= {f"f{n}.conf": f"include f{n + 1}.conf;" for n in range(999)}
    (server,), reports = read("nginx", texts)
    assert settings(server.settings) == ["keepalive_timeout = 7s @ 1:1-22 inherited"]
    assert told(reports) == []


def test_one_file_included_from_http_and_from_stream_is_read_in_both():
    texts = {
        "nginx.conf": "stream { include both.conf; }\nhttp { include both.conf; }\n",
        "both.conf": "server { listen 9000; proxy_connect_timeout 3s; include pass.conf; }\n",
        "pass.conf": "proxy_pass db:5432;\n",
    }
    found, _ = read("nginx", texts)
    assert [(c.variant, c.protocol, str(c.span), len(c.links)) for c in found] == [
        ("stream", "tcp", "both.conf:1:1", 1),
        (None, "http", "both.conf:1:1", 1),
    ]
    assert len({c.key for c in found}) == 2


def test_files_of_one_conf_d_stand_together():
    texts = {
        "web/conf.d/a.conf": SERVER.replace("app:8000", "group") % "a.example",
        "web/conf.d/timeouts.conf": "proxy_read_timeout 90s;\n",
        "web/conf.d/upstreams.conf": "upstream group { server one:1; }\n",
        "api/nginx/site.conf": SERVER % "b.example",
    }
    found, reports = read("nginx", texts)
    assert names(found) == ["a.example (web/conf.d/a.conf:1:1) dir:web", "b.example (api/nginx/site.conf:1:1) dir:api"]
    assert links(found[0]) == ["one:1 http location / @ 1:18"]
    assert settings(found[0].settings) == ["proxy_read_timeout = 90s @ 1:1-24 inherited"]
    assert told(reports) == []


def test_settings_alone_are_a_component_without_an_address():
    (only,), _ = read(
        "nginx", {".platform/nginx/conf.d/timeout.conf": "proxy_read_timeout 600;\nkeepalive_timeout 5;\n"}
    )
    assert (only.name, only.listens, settings(only.settings)) == ("nginx", (), ["keepalive_timeout = 5 @ 2:1-21"])


def test_locations_alone_connect_but_listen_nowhere():
    (only,), _ = read("nginx", {"nginx/locations.conf": "location /api { proxy_pass http://api:8000; }\n"})
    assert (only.listens, links(only)) == ((), ["api:8000 http location /api @ 1:17"])


def test_a_stream_file_is_known_by_its_servers():
    (only,), _ = read(
        "nginx", {"conf.d/db.conf": "upstream db { server a:1; }\nserver { listen 5432; proxy_pass db; }\n"}
    )
    assert (only.variant, links(only)) == ("stream", ["a:1 tcp  @ 1:15"])


def test_a_dump_is_read_with_places_in_the_dump():
    text = (
        "# configuration file /etc/nginx/nginx.conf:\nhttp {\n    send_timeout 9s;\n    include conf.d/*.conf;\n}\n"
        "# configuration file /etc/nginx/conf.d/a.conf:\n" + SERVER % "a.example"
    )
    (server,), reports = read("nginx", {"dump.txt": text, "conf.d/b.conf": ""})
    assert (server.name, str(server.span), settings(server.settings)) == (
        "a.example",
        "dump.txt:7:1",
        ["send_timeout = 9s @ 3:5-21 inherited"],
    )
    assert told(reports) == []


def test_two_main_files_may_share_a_server():
    texts = {
        "one/nginx.conf": MAIN % "../site.conf",
        "two/nginx.conf": MAIN % "../site.conf",
        "site.conf": SERVER % "a.example",
    }
    found, _ = read("nginx", texts)
    assert [c.scope for c in found] == ["dir:one", "dir:two"]
    assert len({c.key for c in found}) == 2


def test_several_workloads_start_one_file_each_for_itself():
    mounts = {"nginx.conf": "/etc/nginx/nginx.conf"}
    two = (workload("blue", "nginx:1.28", mounts=mounts), workload("green", "nginx:1.30", mounts=mounts))
    found, _ = read("nginx", {"nginx.conf": "http { server { server_name a; } }"}, *two)
    assert [(c.name, str(c.versions)) for c in found] == [("blue", "1.28"), ("green", "1.30")]
    assert len({c.key for c in found}) == 2


OTHERS = {
    "php/www.conf": "[www]\nuser = www-data\nlisten = 9000\n",
    "jitsi.conf": "jibri {\n  http {\n    port = 3333\n  }\n  stream { x = 1 }\n}\n",
    "dnsmasq.conf": "server=8.8.8.8\n",
    "k8s/nginx.yaml": "kind: Pod\n",
    "httpd.conf": "<VirtualHost *:80>\nProxyPass / http://a/\n</VirtualHost>\n",
    "empty.conf": "",
}


@pytest.mark.parametrize("path", OTHERS)
def test_files_of_other_programs_are_left_alone(path):
    found, reports = read("nginx", {path: OTHERS[path]})
    assert (found, reports) == ([], {})


BROKEN = {
    "nginx.conf": ("http {\n  server {\n", "failed"),
    "conf.d/a.conf": ("server {\n  listen 80;\n  proxy_pass 'x;\n}\n", "failed"),
    "nginx/nginx.conf": ('}}}} {{{{ "\n', "failed"),
    "nginx/whole.conf": ("http { server { some_unheard_of_thing x; } }\n", "partly"),
    "nginx/good.conf": ("http { server { listen 80; } }\n", "understood"),
}


@pytest.mark.parametrize("path", BROKEN)
def test_how_well_a_file_was_read(path):
    text, status = BROKEN[path]
    _, reports = read("nginx", {path: text})
    assert [(r.path, r.product, r.status) for r in reports.values()] == [(path, "nginx", status)]


def test_a_file_beside_the_given_ones_is_opened_on_demand():
    extra = SourceFile("n/extra.conf", "server { listen 8080; }\n")
    main = SourceFile("n/nginx.conf", MAIN % "extra.conf")
    files = Files({}, {}, {main.path: main.text})
    out = extract(Context("nginx", [main], (), {}, files, {}, lambda path: extra if path == extra.path else None))
    assert [str(c.span) for c in out.components] == ["n/extra.conf:1:1"]


MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: edge-config}
data:
  nginx.conf: |
    events { }
    http {
      keepalive_timeout 7s;
      include /etc/nginx/conf.d/*.conf;
    }
  site.conf: |
    server {
      listen 8080;
      location / { proxy_pass http://api:8000; }
    }
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge}
spec:
  template:
    spec:
      containers:
        - name: nginx
          image: nginx:1.28
          ports: [{containerPort: 8080}]
          volumeMounts:
            - {name: config, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}
            - {name: site, mountPath: /etc/nginx/conf.d}
      volumes:
        - name: config
          configMap: {name: edge-config}
        - name: site
          configMap: {name: edge-config, items: [{key: site.conf, path: default.conf}]}
"""


def test_a_config_map_carries_the_files_of_the_pod_that_mounts_it():
    result = check_files({"web.yaml": MANIFEST})
    assert [(f.path, f.product, f.status, f.problems) for f in result.files] == [
        ("web.yaml", "kubernetes", "understood", [])
    ]
    reports: dict[str, FileReport] = {}
    files = Files({}, reports, {"web.yaml": MANIFEST})
    reading = read_all(files, reports, {})
    (edge,) = [c for c in reading.components if c.product == "nginx"]
    assert (edge.name, edge.scope, str(edge.versions), str(edge.span)) == (
        "edge",
        "k8s:default",
        "1.28",
        "web.yaml:12:5",
    )
    assert settings(edge.settings) == ["keepalive_timeout = 7s @ 8:7-28 inherited"]
    assert links(edge) == ["api:8000 http location / @ 14:20"]
    assert edge.files == ("web.yaml",)


def test_the_official_image_alone_serves_files():
    (web,), _ = read("nginx", {}, workload("web", "nginx:1.28"))
    assert (web.name, web.workload, [str(a) for a in web.listens], web.facts["accept.idle_close"][0].value) == (
        "web",
        "compose:compose.yaml#web",
        ["*:80"],
        "65s",
    )
    mounted = workload("web", "nginx:1.28", mounts={"missing.conf": "/etc/nginx/nginx.conf"})
    assert read("nginx", {}, mounted, workload("x", "jwilder/nginx-proxy"))[0] == []


def test_a_workload_that_mounts_its_configuration_does_not_start_with_another_file():
    web = workload("web", "nginx:1.28", mounts={"web/nginx.conf": "/etc/nginx/nginx.conf"})
    texts = {"web/nginx.conf": "http { server { listen 81; } }", "docs/nginx.conf": "http { server { listen 82; } }"}
    found, _ = read("nginx", texts, web)
    assert [(c.name, str(c.listens[0])) for c in found] == [("web", "*:81"), ("nginx", "*:82")]
    bare = workload("web", "nginx:1.28", mounts={"html": "/usr/share/nginx/html"})
    assert [c.name for c in read("nginx", {}, bare)[0]] == ["web"]


def test_a_loose_file_by_an_absolute_path_is_looked_for_up_to_the_root_and_no_further():
    """A folder outside of the working directory is shown by its absolute path; the root is the folder above itself."""
    result = check_files({"/srv/app/site.conf": "server {\n    listen 80;\n    include nowhere.conf;\n}\n"})
    assert told({report.path: report for report in result.files}) == [
        "/srv/app/site.conf:3:5 partly: include of nowhere.conf: there is no such file"
    ]
