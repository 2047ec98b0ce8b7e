"""Terraform's kubernetes provider: its resources are the objects they make."""

from __future__ import annotations

from tochain.check import check_files, sample

WEB = """\
resource "kubernetes_deployment" "web" {
  metadata {
    name   = "web"
    labels = { app_name = "web" }
  }
  spec {
    selector { match_labels = { app_name = "web" } }
    template {
      metadata { labels = { app_name = "web" } }
      spec {
        termination_grace_period_seconds = 40
        container {
          name  = "web"
          image = "registry.example.com/web:3"
          args  = ["gunicorn", "--keep-alive", "9", "-k", "gthread", "-b", ":8000", "web:app"]
          port { container_port = 8000 }
          liveness_probe {
            http_get {
              path = "/"
              port = 8000
            }
            period_seconds  = 5
            timeout_seconds = 3
          }
        }
      }
    }
  }
}
resource "kubernetes_service_v1" "web" {
  metadata { name = "web" }
  spec {
    selector = { app_name = "web" }
    port {
      port        = 80
      target_port = 8000
    }
  }
}
"""
MANIFEST = """\
resource "kubernetes_manifest" "route" {
  manifest = {
    apiVersion = "v1"
    kind       = "Pod"
    metadata   = { name = "edge", labels = { some_label = "x" } }
    spec = {
      terminationGracePeriodSeconds = 12
      containers = [{ name = "edge", image = "nginx:1.26.2" }]
    }
  }
}
"""


def timers(text: str, *names: str) -> list[str]:
    """Timers of the only component of a file, with their places."""
    [found] = sample({"main.tf": text}).graph.components
    return [f"{name} {fact.value} @ {fact.span.start.line}" for name in names for fact in found.facts.get(name, ())]


def test_a_deployment_is_read_as_the_one_it_makes():
    assert timers(WEB, "accept.idle_close", "lifecycle.termination_grace") == [
        "accept.idle_close 9s @ 15",
        "lifecycle.termination_grace 40s @ 11",
    ]


def test_a_manifest_stays_as_it_is():
    assert timers(MANIFEST, "lifecycle.termination_grace") == ["lifecycle.termination_grace 12s @ 7"]


def test_an_older_ingress_leads_through_its_service():
    ingress = (
        'resource "kubernetes_ingress" "web" {\n  metadata {\n    name = "web"\n'
        '    annotations = { "kubernetes.io/ingress.class" = "alb" }\n  }\n  spec {\n    rule {\n      http {\n'
        '        path {\n          backend {\n            service_name = "web"\n            service_port = 80\n'
        "          }\n        }\n      }\n    }\n  }\n}\n"
    )
    graph = sample({"main.tf": WEB + ingress}).graph
    assert [(hop.client.name, hop.server.name) for hop in graph.hops] == [("aws-alb", "web")]


def test_what_terraform_does_not_know_yet_breaks_nothing():
    text = WEB.replace("= 40", "= var.grace").replace('"registry.example.com/web:3"', "data.x.y.image")
    result = check_files({"main.tf": text})
    assert (result.crashes, [f.status for f in result.files]) == ((), ["understood"])
