"""Google Cloud Scheduler jobs that call a URL, from Terraform, with how long an attempt may take."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.component import Component
from tochain.model.fact import Setting
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, address, link, made, setting, settings, view
from tochain.products.cron import cron_period

__all__ = ["read"]

_JOB = {"attempt_deadline": "attempt_deadline", "retry_config.retry_count": "retry_config.retry_count"}
_TASKS = ("google_cloud_run_v2_job", "google_cloud_run_job")


def read(ctx: Context) -> Extract:
    """One component for each job with an HTTP target; what only starts a run elsewhere waits for nothing."""
    found = view(ctx)
    return Extract(
        [
            _component(found, job, uri)
            for job in found.of("google_cloud_scheduler_job")
            if (uri := job.value.get("http_target", "uri")) is not None and not _starts(found, uri)
        ]
    )


def _starts(found: View, uri: Value) -> bool:
    """Whether the URL is the API's that starts a Cloud Run job and answers at once."""
    return bool(found.mentioned(uri, *_TASKS)) or uri.text.endswith(":run")


def _component(found: View, job: Resource, uri: Value) -> Component:
    own = settings(job.value, _JOB)
    when = job.value.get("schedule")
    if when is not None:
        own["schedule"] = (_period(when),)
    return made(job, "client", own, [link(address(found, uri), uri, own, "http")])


def _period(when: Value) -> Setting:
    own = setting("schedule", when)
    return own if own.limit is not None else replace(own, limit=cron_period(when.text))
