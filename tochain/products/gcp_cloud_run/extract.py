"""Google Cloud Run, from Terraform: services in front of their containers, and jobs that a schedule starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, made, merged, setting, settings, view
from tochain.products.cloudrun import SERVICES, behind
from tochain.products.cron import cron_period

__all__ = ["read"]

_SERVICE = {
    "template.timeout": "timeoutSeconds",
    "template.spec.timeout_seconds": "timeoutSeconds",
    "template.containers.liveness_probe.timeout_seconds": "probe timeout_seconds",
    "template.containers.liveness_probe.period_seconds": "probe period_seconds",
    "template.containers.liveness_probe.failure_threshold": "probe failure_threshold",
}
_JOB = {"template.template.timeout": "task timeout"}


def read(ctx: Context) -> Extract:
    """One component for each service, and for each job that a schedule here starts."""
    found = view(ctx)
    jobs = [(job, list(_schedules(found, job))) for job in found.of("google_cloud_run_v2_job")]
    return Extract(
        [
            *(_component(resource) for resource in found.of(*SERVICES)),
            *(_job(job, schedules) for job, schedules in jobs if schedules),
        ]
    )


def _component(resource: Resource) -> Component:
    own = settings(resource.value, _SERVICE)
    inside = behind(resource)
    links = [Link(Address(ref=inside[0], port=inside[1]), inside[2].span, own, "http")] if inside is not None else []
    return made(
        resource, "server", own, links, listens=[443, inside[1] if inside is not None else 8080], protocol="http"
    )


def _job(job: Resource, schedules: list[Setting]) -> Component:
    own = {**settings(job.value, _JOB), **merged({"schedule": (when,)} for when in schedules)}
    return replace(made(job, "schedule", own, variant="job"), names=())


def _schedules(found: View, job: Resource) -> Iterator[Setting]:
    """When a job is started: by schedulers that mention it in their URL, or name it there."""
    own = f"/jobs/{job.value.known('name')}:run"
    for scheduler in found.of("google_cloud_scheduler_job"):
        uri, when = scheduler.value.get("http_target", "uri"), scheduler.value.get("schedule")
        if uri is None or when is None or scheduler.value.known("paused") == "true":
            continue
        if job in found.mentioned(uri) or uri.text.endswith(own):
            yield _period(when, scheduler.address)


def _period(when: Value, address: str) -> Setting:
    own = setting("schedule", when, address)
    return own if own.limit is not None else replace(own, limit=cron_period(when.text))
