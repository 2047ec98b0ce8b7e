"""DATABASES of a settings file: engines, URLs, options, the environment of the program, and which file counts."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span

SETTINGS = """\
import os
AGE = 10 * 60
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["DB_HOST"],
        "PASSWORD": "hunter2",
        "CONN_MAX_AGE": AGE,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, "options": "-c statement_timeout=5000"},
    },
    "other": {"ENGINE": "django.db.backends.mysql", "HOST": "legacy", "PORT": 3307, "CONN_MAX_AGE": None},
    "file": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"},
}
"""
TIMERS = (
    "connect.max_age",
    "connect.idle_keep",
    "connect.validate_after_idle",
    "connect.connect",
    "session.statement_total",
)
AT = Span("compose.yaml", Pos(4, 5), Pos(4, 9))


def test_databases():
    texts = {"shop/settings.py": SETTINGS, "requirements.txt": "Django==4.2.7\n"}
    main, other = read("django", texts)[0]
    assert (main.product, main.kind, str(main.versions), main.part_of, str(main.span)) == (
        "django", "pool", "==4.2.7", "code:", "shop/settings.py:5:9",
    )  # fmt: skip
    assert links(main) == ["its host is not written here postgresql database default @ 6:9"]
    assert facts(main.facts, *TIMERS) == [
        "connect.max_age = 600s (CONN_MAX_AGE, written @ 8:9)",
        "connect.idle_keep = 600s (CONN_MAX_AGE, written @ 8:9)",
        "connect.validate_after_idle = 0s (CONN_HEALTH_CHECKS, written @ 9:9)",
        "connect.connect = 3s (OPTIONS.connect_timeout, written @ 10:21)",
        "session.statement_total = 5s (statement_timeout, written @ 10:43)",
    ]
    assert (links(other), facts(other.facts, *TIMERS)) == (
        ["legacy:3307 mysql database other @ 12:53"],
        [
            "connect.max_age = never (CONN_MAX_AGE, written @ 12:85)",
            "connect.idle_keep = never (CONN_MAX_AGE, written @ 12:85)",
            "connect.validate_after_idle = off (CONN_HEALTH_CHECKS, default @ 12:15)",
        ],
    )
    assert "hunter2" not in repr((main, other))


def test_defaults_before_health_checks():
    text = 'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "/run/pg"}}\n'
    (found,) = read("django", {"settings.py": text, "requirements.txt": "django==3.2\n"})[0]
    assert (links(found), facts(found.facts, *TIMERS)) == (
        ["unix:/run/pg/.s.PGSQL.5432 postgresql database default @ 1:69"],
        [
            "connect.max_age = 0s (CONN_MAX_AGE, default @ 1:26)",
            "connect.idle_keep = 0s (CONN_MAX_AGE, default @ 1:26)",
            "connect.connect = never (OPTIONS.connect_timeout, default @ 1:26)",
        ],
    )


def test_the_environment_of_its_program():
    app = workload(
        "web", root="", env={"DB_HOST": Word("db", AT), "DATABASE_URL": Word("postgres://me:hunter2@pg/x", AT)}
    )
    main = read("django", {"shop/settings.py": SETTINGS}, app)[0][0]
    assert (main.name, main.workload, links(main)) == ("web", app.key, ["db:5432 postgresql database default @ 6:9"])
    text = 'import dj_database_url\nDATABASES = {"default": dj_database_url.config(conn_max_age=60, default="mysql://me:x@db/x")}\n'
    (found,) = read("django", {"settings.py": text}, app)[0]
    assert (links(found), settings(found.settings)) == (
        ["pg:5432 postgresql database default @ 4:5"],
        ["CONN_MAX_AGE = 60 @ 2:48-63"],
    )
    (found,) = read("django", {"settings.py": text})[0]
    assert links(found) == ["db:3306 mysql database default @ 2:65"]


def test_which_file_counts():
    texts = {f"shop/settings/{name}.py": SETTINGS for name in ("base", "dev", "production", "test")}
    assert {c.files for c in read("django", texts)[0]} == {("shop/settings/production.py",)}
    assert read("django", {"shop/settings/local.py": SETTINGS})[0] == []


def test_what_is_no_dictionary():
    for text in ("DATABASES = env.db()\n", "DATABASES = {\n", "DATABASES['x'] = 1\n", "DATABASES = {'a': b}\n", ""):
        assert read("django", {"settings.py": text})[0] == []
