"""tochain.yaml meets what was read: names, selections, globs, settings, assumptions, and what could not be read."""

from __future__ import annotations

import pytest

from tochain.check import check_files, sample
from tochain.model.component import Component
from tochain.model.limit import Finite, Unknown, seconds

TWO = """\
events {}
http {
    keepalive_timeout 20s;
    server { listen 80; server_name one.example; }
    server { listen 443; server_name two.example; keepalive_timeout 30s; }
}
"""


def named(config: str, **files: str) -> dict[str, Component]:
    """The components by name; file names have _ for a dot and __ for a slash."""
    given = {path.replace("__", "/").replace("_", "."): text for path, text in files.items()}
    found = sample({**given, "tochain.yaml": "version: 1\n" + config})
    return {component.name: component for component in found.graph.components}


def problems(config: str, **files: str) -> list[str]:
    given = {path.replace("__", "/").replace("_", "."): text for path, text in files.items()}
    reports = check_files({**given, "tochain.yaml": "version: 1\n" + config}).files
    return [problem.message for report in reports if report.path == "tochain.yaml" for problem in report.problems]


def closes(component: Component) -> list[str]:
    return [fact.value for fact in component.facts["accept.idle_close"]]


@pytest.mark.parametrize(
    ("select", "values"),
    [
        ("one.example:80", ["20s"]),
        ("two.example:443", ["30s"]),
        ("two.example", ["30s"]),
        (":443", ["30s"]),
        ("", ["20s", "30s"]),
    ],
)
def test_select_takes_one_part_of_a_configuration(select: str, values: list[str]) -> None:
    """By name, by name and port, by port; without it the name stands for all of them."""
    chosen = f', select: "{select}"' if select else ""
    found = named(f"components: {{vm: {{product: nginx, config: n.conf{chosen}}}}}\n", n_conf=TWO)
    assert closes(found["vm"]) == values


def test_a_selection_that_fits_nothing_names_what_there_is() -> None:
    """A mistake, with the names that would do."""
    said = problems("components: {vm: {product: nginx, config: n.conf, select: three}}\n", n_conf=TWO)
    assert said == ["component vm: nothing is called 'three'; there are: one.example, two.example"]


def test_what_is_not_selected_stays_itself() -> None:
    """The other virtual server keeps its own name."""
    found = named('components: {vm: {product: nginx, config: n.conf, select: "two.example"}}\n', n_conf=TWO)
    assert {"vm", "one.example"} <= set(found)


@pytest.mark.parametrize("config", ["sites/*.conf", "[sites/a.conf, sites/b.conf]", '"sites/?.conf"', "./sites/*.conf"])
def test_several_files(config: str) -> None:
    """A list or a glob, relative to tochain.yaml."""
    site = "server {{ listen {port}; server_name {name}; keepalive_timeout {port}s; }}\n"
    files = {"sites__a_conf": site.format(port=81, name="a"), "sites__b_conf": site.format(port=82, name="b")}
    found = named(f"components: {{vm: {{product: nginx, config: {config}}}}}\n", **files)
    assert sorted(closes(found["vm"])) == ["81s", "82s"]


def test_two_programs_of_one_folder_are_told_apart() -> None:
    """A client and a server of one library are one program, unless tochain.yaml says they are two."""
    client = 'import grpc\ngrpc.insecure_channel("b:1", options=[("grpc.keepalive_time_ms", 7000)])\n'
    server = 'import grpc\ns = grpc.server(None)\ns.add_insecure_port("[::]:1")\n'
    found = named(
        "components:\n  a: {product: grpc, config: a.py}\n  b: {product: grpc, config: b.py}\npaths: [a -> b]\n",
        a_py=client,
        b_py=server,
    )
    pings = {name: [f.value for f in found[name].facts.get("connect.ping_interval", ())] for name in ("a", "b")}
    assert pings == {"a": ["7s"], "b": ["off"]} and found["a"].kind == "client"


def test_a_version_is_given_to_what_was_read() -> None:
    """The default is that version's."""
    pooled = "events {}\nhttp { upstream app { server app:1; } server { listen 80; server_name s; location / { proxy_pass http://app; } } }\n"
    for version, value in (("1.28.3", "off"), ("1.30.0", "60s")):
        found = named(f'components: {{vm: {{product: nginx, config: n.conf, version: "{version}"}}}}\n', n_conf=pooled)
        (one,) = found["vm"].links
        assert one.facts["connect.idle_keep"][0].value == value


def test_settings_and_timers_are_given_to_what_was_read() -> None:
    """Declared ones count before those of the file."""
    config = (
        "components: {vm: {product: nginx, config: n.conf, select: one.example, settings: {keepalive_timeout: 7}}}\n"
    )
    (fact,) = named(config, n_conf=TWO)["vm"].facts["accept.idle_close"]
    assert (fact.limit, fact.origin, fact.span.path) == (seconds(7), "declared", "tochain.yaml")
    config = "components: {vm: {product: nginx, config: n.conf, timers: {accept.idle_close: 9s}}}\n"
    assert closes(named(config, n_conf=TWO)["vm"]) == ["9s"]


def test_source_code_is_not_read_as_the_products_own_file() -> None:
    """hypercorn has files in TOML; what a Python file sets is all there is."""
    text = "from hypercorn.config import Config\nconfig = Config()\nconfig.keep_alive_timeout = 65\n"
    assert closes(named("components: {a: {product: hypercorn, config: m.py}}\n", m_py=text)["a"]) == ["65s"]


@pytest.mark.parametrize(
    ("product", "name", "timer", "value"),
    [
        ("istio", "DestinationRule.spec.trafficPolicy.connectionPool.http.idleTimeout", "connect.idle_keep", "7s"),
        ("actix-web", "HttpServer::keep_alive", "accept.idle_close", "7s"),
        ("go-net-http", "IdleTimeout", "accept.idle_close", "7s"),
        ("uvicorn", "timeout-keep-alive", "accept.idle_close", "7s"),
        ("uvicorn", "keep_alive", "accept.idle_close", "5s"),
    ],
)
def test_settings_by_their_whole_path_or_its_end(product: str, name: str, timer: str, value: str) -> None:
    """A setting's name may be longer or shorter than the facts have it, as long as it means one setting."""
    found = named(f"components: {{a: {{product: {product}, settings: {{'{name}': 7s}}}}}}\n")["a"]
    assert [fact.value for fact in found.facts[timer]] == [value]


def test_a_name_alone_binds_what_carries_it() -> None:
    """Without config the component of that name and product is meant."""
    compose = "services:\n  web:\n    image: nginx:1.28.3\n"
    found = sample(
        {
            "compose.yaml": compose,
            "tochain.yaml": "version: 1\ncomponents: {web: {product: nginx, timers: {accept.max_age: 5s}}}\n",
        }
    )
    (web,) = [c for c in found.graph.components if c.name == "web" and c.product == "nginx"]
    assert web.facts["accept.max_age"][0].limit == seconds(5)


LB = """\
resource "aws_lb" "front" {
  idle_timeout = 90
}
"""


def test_a_path_may_name_what_the_files_have() -> None:
    """A Terraform address in a path needs no declaration, nor does any other name of a component."""
    config = "components: {app: {product: black-box, timers: {accept.idle_close: 60s}}}\npaths: [aws_lb.front -> app]\n"
    found = check_files({"lb.tf": LB, "tochain.yaml": "version: 1\n" + config})
    assert [(f.rule, [label.component for label in f.labels]) for f in found.findings] == [
        ("idle-reuse-race", ["aws_lb.front", "app"])
    ]
    assert [p for file in found.files for p in file.problems] == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("aws_lb.frnt", "no component 'aws_lb.frnt'; did you mean 'aws_lb.front'?"),
        ("two", "2 components are called 'two': nginx:a.conf#two:80, nginx:b.conf#two:80; declare the one meant"),
    ],
)
def test_a_path_that_names_nothing_or_too_much(name: str, said: str) -> None:
    """The nearest name there is, of the files too; of several with one name none is taken."""
    server = "http { server { listen 80; server_name two; } }\n"
    config = f"components: {{app: {{product: black-box}}}}\npaths: [{name} -> app]\n"
    assert problems(config, lb_tf=LB, a_conf=server, b_conf=server) == [said]


RULES = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: one, namespace: shop}
spec: {host: one.example.com, trafficPolicy: {connectionPool: {http: {idleTimeout: 7s}}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: two, namespace: shop}
spec: {host: two.example.com, trafficPolicy: {connectionPool: {http: {idleTimeout: 9s}}}}
"""


def test_an_object_of_a_cluster_is_selected_by_kind_namespace_and_name() -> None:
    """One component stands for the mesh; what the object says of it holds."""
    config = "components: {mesh: {product: istio, config: r.yaml, select: DestinationRule/shop/two}, b: {product: server}}\npaths: [mesh -> b]\n"
    (hop,) = sample({"r.yaml": RULES, "tochain.yaml": "version: 1\n" + config}).graph.hops
    assert [fact.value for fact in hop.client_facts["connect.idle_keep"]] == ["9s"]
    said = problems(config.replace("shop/two", "shop/three"), r_yaml=RULES)
    assert said == ["component mesh: nothing is called 'DestinationRule/shop/three'; there are: istio"]


def test_a_kernel_in_the_middle_of_a_path_tracks_the_connection() -> None:
    """Its conntrack table is the box; it neither opens nor accepts anything."""
    config = (
        "components: {a: {product: client}, node: {product: linux-kernel, config: sysctl.conf}, b: {product: server}}\n"
        "paths: [{path: a -> node -> b, protocol: tcp}]\n"
    )
    sysctl = "net.netfilter.nf_conntrack_tcp_timeout_established = 300\n"
    (hop,) = sample({"sysctl.conf": sysctl, "tochain.yaml": "version: 1\n" + config}).graph.hops
    assert (hop.client.name, hop.server.name, [box.name for box in hop.boxes]) == ("a", "b", ["node"])


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("components: {a: {product: ngnix}}\n", ["component a: no product 'ngnix'; nearest: nginx, envoy"]),
        ("components: {a: {product: nginx, config: no.conf}}\n", ["component a: config no.conf was not found"]),
        ("components: {a: {product: nginx, settings: {send_timeut: 1}}}\n", ["component a: nginx has no setting 'send_timeut' that tochain knows; nearest: send_timeout"]),
    ],
)  # fmt: skip
def test_mistakes(config: str, said: list[str]) -> None:
    """Each is said once."""
    found = problems(config)
    assert len(found) == 1
    assert found[0].startswith(said[0].split(", envoy")[0])


@pytest.mark.parametrize("text", [None, "http {\n"], ids=["missing", "broken"])
def test_what_could_not_be_read_is_unknown_and_not_the_default(text: str | None) -> None:
    """No default stands in for what a file may say that could not be parsed; what is declared still counts."""
    files = {"n_conf": text} if text else {}
    config = "components: {vm: {product: nginx, config: n.conf, timers: {accept.max_age: 5s}}}\n"
    vm = named(config, **files)["vm"]
    assert isinstance(vm.facts["accept.idle_close"][0].limit, Unknown)
    assert vm.facts["accept.max_age"][0].limit == seconds(5)


@pytest.mark.parametrize(
    ("declared", "said", "value"),
    [
        ("{product: nginx, config: run.sh}", "run.sh is nothing that tochain reads for nginx", "unknown"),
        ("{product: nodejs-http, config: empty.js, version: '18.0'}",
         "empty.js sets nothing of nodejs-http that tochain knows; its defaults are taken", "5s"),
        ("{product: aws-alb, config: group.tf, select: aws_lb_target_group.old}",
         "nothing is called 'aws_lb_target_group.old'; there are: aws_lb_target_group.web", "unknown"),
        ("{product: aws-alb, config: group.tf, select: aws_lb_target_group.web}", "", "25s"),
        ("{product: aws-nlb, config: group.tf, select: aws_lb_target_group.web}",
         "group.tf sets nothing of aws-nlb called 'aws_lb_target_group.web' that tochain knows; its defaults are taken", "300s"),
    ],
)  # fmt: skip
def test_files_that_tell_nothing_of_their_component(declared: str, said: str, value: str) -> None:
    """They are said; what a file of a kind nobody reads may set is unknown, elsewhere the defaults stay."""
    files = {
        "run_sh": "exec nginx -g 'keepalive_timeout 5s;'\n",
        "empty_js": "const one = 1;\n",
        "group_tf": 'resource "aws_lb_target_group" "web" {\n  protocol = "HTTP"\n  deregistration_delay = 25\n}\n',
    }
    config = f"components: {{x: {declared}}}\n"
    x = named(config, **files)["x"]
    timers = ("lifecycle.deregistration_delay", "accept.idle_close")
    shown = next(found[0].value for timer in timers if (found := x.facts.get(timer)))
    expected = [f"component x: {said}"] if said else []
    assert ([p for p in problems(config, **files) if "x:" in p], shown) == (expected, value)


def test_assumptions_fill_what_is_unknown() -> None:
    """Of a product or of one component; what is known stays."""
    text = "events {}\nhttp { server { listen 80; server_name a; keepalive_timeout $x; send_timeout 3s; } }\n"
    config = "assume:\n  - {timer: accept.idle_close, product: nginx, value: 8s}\n  - {timer: accept.send_stall, value: 9s}\n"
    facts = named(config, n_conf=text)["a"].facts
    assert [(f.value, f.origin) for f in facts["accept.idle_close"]] == [("8s", "assumed")]
    assert [f.value for f in facts["accept.send_stall"]] == ["3s"]
    other = named("assume: [{timer: accept.idle_close, component: b, value: 8s}]\n", n_conf=text)["a"]
    assert isinstance(other.facts["accept.idle_close"][0].limit, Unknown)


def test_counts_may_be_declared() -> None:
    """A number where the timer counts."""
    found = named("components: {a: {product: black-box, timers: {connect.attempts: 3}}}\n")["a"]
    assert found.facts["connect.attempts"][0].limit == Finite(3)


@pytest.mark.parametrize(
    ("declared", "path", "text", "product"),
    [
        ("libpq", "config/database.yml", "production:\n  adapter: postgresql\n  host: db\n  pool: 5\n", "activerecord"),
        (
            "kubernetes",
            "kube-proxy.yaml",
            "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ipvs\n",
            "ipvs-keepalived",
        ),
        (
            "nodejs-http",
            "config/database.yml",
            "production:\n  adapter: postgresql\n  host: db\n  pool: 5\n",
            "nodejs-http",
        ),
    ],
)
def test_what_a_file_makes_instead_of_the_declared_product(declared: str, path: str, text: str, product: str) -> None:
    """A pool stands for its driver, a box for its platform; a server is never anything else."""
    config = f"version: 1\ncomponents: {{a: {{product: {declared}, config: {path}}}}}\n"
    found = sample({path: text, "tochain.yaml": config})
    assert [c.product for c in found.graph.components if c.name == "a"] == [product]


def test_a_platform_and_a_manifest_mean_what_runs_there() -> None:
    """The program of a workload may be one nobody knows; its grace period and hook are known all the same."""
    manifest = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
        "      terminationGracePeriodSeconds: 50\n      containers:\n      - name: web\n        image: web:1\n"
        "        lifecycle: {preStop: {sleep: {seconds: 10}}}\n"
    )
    for select in ("", ", select: Deployment/default/web", ", select: web"):
        text = f"version: 1\ncomponents:\n  pod: {{product: kubernetes, config: app.yaml{select}}}\n"
        graph = sample({"tochain.yaml": text, "app.yaml": manifest}).graph
        (pod,) = graph.components
        assert (pod.name, pod.facts["lifecycle.pre_stop"][0].value) == ("pod", "10s")
        assert pod.facts["lifecycle.termination_grace"][0].value == "50s"


def test_a_file_of_variables_holds_the_url_of_a_driver() -> None:
    """It is in no form of the driver's own; what its URL sets is the driver's."""
    url = "DATABASE_URL=postgresql://reader@db.example.com/a?keepalives_idle=45\n"
    config = "components: {app: {product: libpq, config: app/.env}, db: {product: server}}\npaths: [app -> db]\n"
    found = sample({"app/.env": url, "tochain.yaml": "version: 1\n" + config}).graph.hops[0]
    assert [fact.value for fact in found.client_facts["connect.tcp_keepalive_time"]] == ["45s"]
