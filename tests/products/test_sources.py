"""Folders and scripts that containers are made from, and the names of what only a Dockerfile knows."""

from __future__ import annotations

import pytest

from tochain.check import check_files, sample

ALB = """
resource "aws_lb" "web" {
  subnets = ["a"]
}
resource "aws_lb_target_group" "web" {
  port        = 8000
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = "v"
}
resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
"""
DEPLOYMENT = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, annotations: {{kubernetes.io/ingress.class: gce}}}}
spec:
  defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80, targetPort: 8000}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: main
          image: {image}
          ports: [{{containerPort: 8000}}]
"""
DOCKERFILE = "FROM python:3.12\nCOPY . .\nEXPOSE 8000\n{start}\n"
GUNICORN = 'CMD ["gunicorn", "-k", "gevent", "-b", "0.0.0.0:8000", "web.app"]'


def races(files: dict[str, str]) -> list[tuple[str, str, str]]:
    """The servers of the race findings: name, setting, value."""
    found = [f for f in check_files(files).findings if f.rule == "idle-reuse-race"]
    ends = [label for finding in found for label in finding.labels if label.timer == "accept.idle_close"]
    return [(label.component, label.setting, label.value) for label in ends]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # The only image of one's own and the only Dockerfile belong together.
        ({"Dockerfile": DOCKERFILE.format(start=GUNICORN)}, [("web", "keepalive", "2s")]),
        # Of several folders the one called like the image.
        (
            {
                "web/Dockerfile": DOCKERFILE.format(start=GUNICORN),
                "job/Dockerfile": DOCKERFILE.format(start='CMD ["uvicorn", "job:app"]'),
            },
            [("web", "keepalive", "2s")],
        ),
        # A Dockerfile in a folder of its own builds the project above it.
        (
            {
                "docker/Dockerfile": DOCKERFILE.format(start='CMD ["gunicorn", "web.app"]'),
                "requirements.txt": "gunicorn==22.0.0\n",
                "gunicorn.conf.py": 'bind = "0.0.0.0:8000"\nworker_class = "gthread"\nkeepalive = 9\n',
            },
            [("web", "keepalive", "9s")],
        ),
        # Without a Dockerfile the only project there is.
        (
            {
                "package.json": '{"engines": {"node": "20"}}',
                "server.js": 'require("http").createServer((q, s) => s.end()).listen(8000);\n',
            },
            [("web", "server.keepAliveTimeout", "5s or 6s")],
        ),
        # Two that fit tell nothing.
        (
            {
                "a/Dockerfile": DOCKERFILE.format(start=GUNICORN),
                "b/Dockerfile": DOCKERFILE.format(start=GUNICORN),
            },
            [],
        ),
        # What listens elsewhere is another program.
        ({"Dockerfile": DOCKERFILE.format(start=GUNICORN).replace("8000", "9000")}, []),
    ],
    ids=["only one", "by name", "folder of its own", "no Dockerfile", "several", "other port"],
)
def test_where_a_container_comes_from(files: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    """A Deployment's image is joined to the folder it is built from, or to none."""
    assert races({"k8s.yaml": DEPLOYMENT.format(image="registry.example.com/web:1"), **files}) == expected


@pytest.mark.parametrize(
    ("start", "files", "expected"),
    [
        ("src/server.js", ["src/server.js"], [("web", "server.keepAliveTimeout", "8s")]),
        ("/app/src/server.js", ["shop/src/server.js"], [("web", "server.keepAliveTimeout", "8s")]),
        ("./server.js", ["a/server.js", "b/server.js"], [("web", "server.keepAliveTimeout", "5s")]),
        ("other.js", ["src/server.js"], [("web", "server.keepAliveTimeout", "5s")]),
    ],
    ids=["from the top", "by its end", "several", "none"],
)
def test_a_language_image_runs_the_script_it_names(
    start: str, files: list[str], expected: list[tuple[str, str, str]]
) -> None:
    """Where only one file is called like what the command starts, that is what runs."""
    script = "const s = require('http').createServer((q, r) => r.end());\ns.keepAliveTimeout = 8000;\ns.listen(8000);\n"
    manifest = DEPLOYMENT.format(image="node:20.11.0").replace(
        "image: node:20.11.0", f"image: node:20.11.0\n          command: [node, {start}]"
    )
    assert f"command: [node, {start}]" in manifest
    assert races({"k8s.yaml": manifest, **dict.fromkeys(files, script)}) == expected


def test_programs_of_others_are_not_built_here() -> None:
    """An image known by name is what it says, whatever stands beside it."""
    files = {"k8s.yaml": DEPLOYMENT.format(image="memcached:1.6"), "Dockerfile": DOCKERFILE.format(start=GUNICORN)}
    assert races(files) == []


@pytest.mark.parametrize(
    ("start", "script"),
    [
        (
            'ENTRYPOINT ["/srv/entrypoint.sh"]',
            "#!/bin/sh\nset -e\npython manage.py migrate\nexec gunicorn web.app -k gevent -b :8000\n",
        ),
        ('CMD ["sh", "entrypoint.sh"]', "gunicorn web.app -k gevent -b :8000\n"),
        (
            'ENTRYPOINT ["./entrypoint.sh"]\nCMD ["gunicorn", "web.app", "-k", "gevent", "-b", ":8000"]',
            '#!/bin/bash\nwait-for db:5432\nexec "$@"\n',
        ),
        (
            'ENV WORKER=gevent\nENTRYPOINT ["./entrypoint.sh"]',
            "exec gunicorn web.app -k ${WORKER} -b 0.0.0.0:${PORT:-8000}\n",
        ),
    ],
    ids=["exec", "by a shell", "what it is given", "variables"],
)  # fmt: skip
def test_scripts(start: str, script: str) -> None:
    """What a start script ends in is the program; a program known by a Dockerfile alone is called by its product."""
    files = {"main.tf": ALB, "Dockerfile": DOCKERFILE.format(start=start), "entrypoint.sh": script}
    assert races(files) == [("gunicorn", "keepalive", "2s")]


def test_two_of_one_product_keep_their_folders_names() -> None:
    """Names that two would share are of no use."""
    one = DOCKERFILE.format(start=GUNICORN)
    files = {
        "tochain.yaml": (
            "version: 1\ncomponents:\n  lb: {product: aws-alb}\n  a: {product: gunicorn}\npaths: [lb -> a]\n"
        ),
        "a/Dockerfile": one,
        "b/Dockerfile": one.replace("8000", "8001"),
    }
    assert races(files) == [("a", "keepalive", "2s")]


def test_versions_of_manifests() -> None:
    """A program known by its start alone has the version its folder's manifest pins."""
    files = {
        "k8s.yaml": DEPLOYMENT.format(image="registry.example.com/web:1"),
        "Dockerfile": DOCKERFILE.format(start='CMD ["bundle", "exec", "puma", "-b", "tcp://0.0.0.0:8000"]'),
        "Gemfile.lock": "GEM\n  specs:\n    puma (5.6.5)\n",
    }
    assert races(files) == [("web", "persistent_timeout", "20s")]


UNIT = "[Service]\nExecStart=/srv/shop/bin/run\nTimeoutStopSec=20\n"
SERVER = "const http = require('http');\nconst server = http.createServer();\nserver.listen(3000);\n"


@pytest.mark.parametrize(
    ("files", "workload"),
    [
        ({"shop.service": UNIT, "package.json": "{}", "server.js": SERVER}, "shop"),
        ({"app/shop.service": UNIT, "app/package.json": "{}", "app/lib/server.js": SERVER}, "shop"),
        ({"app/shop.service": UNIT, "app/other.service": UNIT, "app/package.json": "{}", "app/server.js": SERVER}, ""),
        ({"shop.service": UNIT, "package.json": "{}", "web/package.json": "{}", "web/server.js": SERVER}, ""),
        ({"units/shop.service": UNIT, "package.json": "{}", "server.js": SERVER}, ""),
    ],
)
def test_a_unit_starts_the_program_beside_it(files: dict[str, str], workload: str) -> None:
    (server,) = [c for c in sample(files).graph.components if c.product == "nodejs-http"]
    assert server.workload.rpartition("/")[2].removeprefix("systemd:").removesuffix(".service") == workload
