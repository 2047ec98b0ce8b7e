"""Celery in source code: tables, `conf.update`, and when a queue hands a running task out again."""

from __future__ import annotations

import pytest

from tests.products.test_code import one, told
from tests.products.texts import facts
from tochain.model.component import Component

APP = """\
from celery import Celery
app = Celery("shop", broker="redis://redis:6379/0")
app.conf.update(task_time_limit=2 * 60 * 60, task_acks_late=True, broker_transport_options={"visibility_timeout": 900})
"""
CONFIG = "broker_url = '{url}'\ntask_acks_late = {late}\ntask_time_limit = 7200\n"


def lock(component: Component) -> list[str]:
    """The message lock of the component and of its links."""
    return [
        line for found in (component.facts, *(link.facts for link in component.links))
        for line in facts(found, "session.message_lock")
    ]  # fmt: skip


def test_updates_are_properties():
    assert told(one("shop/celery.py", APP)) == [
        "celery server",
        "task_time_limit = 7200 @ 3:17-44",
        "task_acks_late = true @ 3:46-65",
        "broker_transport_options.visibility_timeout = 900 @ 3:93-118",
        "-> redis:6379 redis Celery @ 2:7",
    ]


@pytest.mark.parametrize(
    ("url", "late", "more", "expected"),
    [
        ("redis://redis/0", "True", "", ["session.message_lock = 1h (broker_transport_options.visibility_timeout, default @ 1:1)"]),
        ("redis://redis/0", "False", "", []),
        ("pyamqp://rabbit//", "True", "", []),
        ("sqs://", "True", "broker_transport_options = {'visibility_timeout': 60}\n", 2 * ["session.message_lock = 60s (broker_transport_options.visibility_timeout, written @ 4:29)"]),
    ],
    ids=["hidden for an hour", "acknowledged before it runs", "a broker that hides nothing", "as written"],
)  # fmt: skip
def test_when_a_message_comes_back(url: str, late: str, more: str, expected: list[str]):
    found = one("celeryconfig.py", CONFIG.format(url=url, late=late) + more)
    assert lock(found) == expected


def test_django_settings():
    text = (
        "CELERY_TASK_TIME_LIMIT = 600\nCELERY_BROKER_TRANSPORT_OPTIONS = {'visibility_timeout': 300}\nDEBUG = False\n"
    )
    assert told(one("shop/settings.py", text)) == [
        "celery server",
        "task_time_limit = 600 @ 1:1-29",
        "broker_transport_options.visibility_timeout = 300 @ 2:36-61",
    ]


def test_what_beat_sends():
    text = (
        "beat_schedule = {'a': {'task': 'x', 'schedule': 60.0}, 'b': {'task': 'y', 'schedule': timedelta(hours=1)}}\n"
    )
    found = one("celeryconfig.py", "broker_url = 'amqp://rabbit//'\nfrom datetime import timedelta\n" + text)
    assert facts(found.facts, "schedule.period") == [
        "schedule.period = 60s (beat_schedule, written @ 3:37)",
        "schedule.period = 1h (beat_schedule, written @ 3:75)",
    ]


@pytest.mark.parametrize(
    ("url", "beats"),
    [("redis://redis/0", []), ("amqp://rabbit//", ["session.heartbeat = 30s (broker_heartbeat, written @ 2:1)"])],
)
def test_only_amqp_has_heartbeats(url: str, beats: list[str]):
    found = one("celeryconfig.py", f"broker_url = '{url}'\nbroker_heartbeat = 30\n")
    assert facts(found.links[0].facts, "session.heartbeat") == beats
