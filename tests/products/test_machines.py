"""User data of any form breaks nothing, and every place that comes of it lies in the file that holds it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.products.clouds.runs import run
from tochain.check import check_files

PARTS = st.sampled_from(
    [
        "#!/bin/sh\n", "#cloud-config\n", "write_files:\n", "  - path: /etc/haproxy/haproxy.cfg\n", "    content: |\n", "    encoding: b64\n",
        "      frontend a\n", "        bind :80\n", "runcmd:\n", "  - [docker, run, -d, a]\n", "cat > /etc/nginx/nginx.conf <<X\n", "X\n",
        "server { listen 80; }\n", "$A ${B} $${C} %{ if x ~}\n", "%{ endif }\n", "A=1\n", "docker run -d -p 1:2 a b\n", "\t- x\n", "${var.a}\n",
        "sysctl -w net.ipv4.tcp_keepalive_time=9\n", "Content-Type: multipart/mixed; boundary=b\n", "--b\n", "'\n", '"\n', "\\\n", "{\n", "\u2028\n",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, max_size=14).map("".join))
def test_no_user_data_breaks_anything(text: str) -> None:
    source = f'resource "aws_instance" "a" {{\n  user_data = <<-EOT\n{text}EOT\n}}\n'
    result = check_files({"a.tf": source})
    assert list(result.crashes) == []
    assert [file.path for file in result.files] == ["a.tf"]
    lines = source.split("\n")
    for span in (problem.span for file in result.files for problem in file.problems):
        assert span.path == "a.tf"
        assert 1 <= span.start.line <= len(lines)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("var.a", "variable a has no value in these files"),
        ('file("gone.sh")', "the file gone.sh is not here"),
        ('base64gzip("x")', ""),  # what is packed is read
        ("null", ""),
        ('""', ""),
    ],
)
def test_what_is_not_known_is_said_once_with_its_place(given: str, reason: str) -> None:
    text = f'variable "a" {{}}\nresource "aws_launch_template" "web" {{\n  user_data = {given}\n}}\n'
    said = [f"a.tf:3:15 the user data of aws_launch_template.web is not known here: {reason}"] if reason else []
    assert run({"a.tf": text}).problems == said


def test_a_file_that_a_machine_gets_as_a_whole_is_read_as_that_machines_alone() -> None:
    config = "frontend web\n  bind :80\n  mode http\n"
    cloud = '#cloud-config\nwrite_files:\n- path: /etc/haproxy/haproxy.cfg\n  encoding: b64\n  content: ${base64encode(file("haproxy.cfg"))}\n'
    main = 'resource "aws_instance" "a" {\n  user_data = templatefile("init.yaml", {})\n}\n'
    whole = 'resource "aws_instance" "a" {\n  user_data = file("start.sh")\n}\n'
    assert [c.names for c in run({"main.tf": main, "init.yaml": cloud, "haproxy.cfg": config}).of("haproxy")] != []
    kernel = run({"main.tf": whole, "start.sh": "#!/bin/sh\nsysctl -w net.ipv4.tcp_keepalive_time=9\n"}).of(
        "linux-kernel"
    )
    assert [(c.names, str(c.span)) for c in kernel] == [(("aws_instance.a",), "start.sh:2:11")]


def test_a_component_may_point_to_the_file_that_carries_its_configuration() -> None:
    main = (
        'resource "aws_instance" "a" {\n  user_data = <<EOT\n#!/bin/sh\ncat > /etc/haproxy/haproxy.cfg <<X\n'
        "listen web\n  bind :80\n  timeout client 7s\nX\nEOT\n}\n"
    )
    told = 'version: 1\ncomponents:\n  web: {product: haproxy, version: "2.8", config: main.tf}\n'
    result = check_files({"main.tf": main, "tochain.yaml": told})
    assert [(file.path, file.status) for file in result.files] == [
        ("main.tf", "understood"),
        ("tochain.yaml", "understood"),
    ]
    assert result.components == 1


def test_machines_of_one_file_are_apart() -> None:
    text = "".join(
        f'resource "aws_instance" "{name}" {{\n  user_data = <<EOT\n#!/bin/sh\ncat > /etc/haproxy/haproxy.cfg <<X\n'
        f"frontend web\n  bind :80\n  server app 127.0.0.1:{port}\nX\ndocker run -d -p {port}:80 {image}\nEOT\n}}\n"
        for name, port, image in (("a", 8080, "nginx"), ("b", 8080, "httpd"))
    ).replace("frontend", "listen")
    found = run({"main.tf": text})
    assert [(hop.client.names, hop.server.product) for hop in found.graph.hops] == [
        (("aws_instance.a",), "nginx"),
        (("aws_instance.b",), "apache-httpd"),
    ]
