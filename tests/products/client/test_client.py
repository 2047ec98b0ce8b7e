"""Connection URLs in files of settings: whose they are, where they lead, and what is no setting of a program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.products.texts import facts, links, read, workload
from tochain.check import check_files


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("config/app.yml", "db:\n  url: postgresql://me:hunter2@db/shop\n", "db:5432 postgresql url @ 2:8"),
        ("app.json", '{"queue": "amqp://me:hunter2@mq/"}', "mq:5672 amqp queue @ 1:11"),
        ("app.toml", '[cache]\nurl = "redis://:hunter2@cache:6380/0"\n', "cache:6380 redis url @ 2:7"),
        ("app.properties", "# x\ndb.url=jdbc:mysql://db/x?user=me&password=hunter2\n", "db:3306 mysql db.url @ 2:8"),
        ("alembic.ini", "[alembic]\nsqlalchemy.url = postgresql+psycopg2://me:hunter2@db/x\n",
         "db:5432 postgresql sqlalchemy.url @ 2:18"),
        (".env", 'export DATABASE_URL="mysql://me:hunter2@db/x"\n', "db:3306 mysql DATABASE_URL @ 1:22"),
        (".env.production", "MONGO=mongodb+srv://me:hunter2@m/x\n", "m:27017 mongodb MONGO @ 1:7"),
        ("hibernate.cfg.xml", '<p name="u">jdbc:postgresql://db/x?ssl=true&amp;user=me</p>', "db:5432 postgresql  @ 1:13"),
        ("broken.yaml", "a: [\nurl: redis://cache/0\n", "cache:6379 redis url @ 2:6"),
    ],
)  # fmt: skip
def test_where_a_url_stands(path, text, found):
    (client,), reports = read("client", {path: text})
    assert (client.product, client.kind, links(client), client.facts) == ("client", "client", [found], {})
    assert (reports[path].product, reports[path].status) == ("connection-urls", "understood")
    assert "hunter2" not in repr(client)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.yml", "url: postgresql://${DB_HOST}/shop\n"),
        ("app.ini", "; url = redis://cache/0\n# redis://cache/0\n"),
        ("database.yml", "development:\n  url: redis://cache/0\ntest: {url: redis://cache/1}\n"),
        (".env.example", "A=redis://cache/0\n"),
        (".env.test", "A=redis://cache/0\n"),
        ("tests/app.yml", "a: redis://cache/0\n"),
        (".github/workflows/ci.yml", "a: redis://cache/0\n"),
        ("docs/openapi.yaml", "a: redis://cache/0\n"),
        ("chart/values.yaml", "a: redis://cache/0\n"),
        ("app.yml", "url: https://api.example.com\nfile: ftp://x/y\n"),
    ],
)
def test_no_peer(path, text):
    assert read("client", {"main.yml": "", path: text})[0] == []


def test_timers_of_the_driver():
    text = "a: redis://:hunter2@cache/0?socket_timeout=5\nb: redis://cache/1\nc: mysql://db/x\n"
    timed, plain = read("client", {"config/app.yml": text})[0]
    assert (timed.product, links(timed)) == ("redis-py", ["cache:6379 redis a @ 1:4"])
    assert facts(timed.facts, "connect.read_stall") == ["connect.read_stall = 5s (socket_timeout, written @ 1:29)"]
    assert (plain.product, links(plain)) == (
        "client",
        ["cache:6379 redis b @ 2:4", "db:3306 mysql c @ 3:4"],
    )


def test_who_reads_the_file():
    own = workload("api", root="api")
    other = workload("job", mounts={"api/app.yml": "/etc/app.yml"})
    texts = {"api/app.yml": "a: redis://cache/0\n"}
    assert [(c.name, c.scope) for c in read("client", texts, own)[0]] == [("api", "compose:compose.yaml")]
    assert [(c.name, c.workload) for c in read("client", texts, own, other)[0]] == [("job", other.key)]
    (alone,) = read("client", {"svc/api/package.json": "{}", "svc/api/config/app.yml": "a: redis://cache/0\n"})[0]
    assert (alone.name, alone.scope, alone.part_of) == ("api", "dir:svc/api", "code:svc/api")


def test_a_file_of_another_product_is_left_alone():
    result = check_files({"docker-compose.yml": "services:\n  a: {image: x, environment: {U: 'redis://cache/0'}}\n"})
    assert [(f.path, f.product) for f in result.files] == [("docker-compose.yml", "docker-compose")]


def test_from_settings_to_the_database():
    result = check_files(
        {
            "docker-compose.yml": "services:\n  web: {build: .}\n  db: {image: 'mysql:8', command: --wait-timeout=60}\n",
            "config/settings.yml": "url: mysql://me:hunter2@db/shop\n",
        }
    )
    assert (result.components, result.hops) == (2, 1)


@given(st.text(alphabet="redis://@:?&=x,{}[]'\"\n #-", max_size=120))
def test_any_text(text):
    for path in ("a.yml", "a.json", "a.toml", "a.env"):
        read("client", {path: "redis://h/0\n" + text})
