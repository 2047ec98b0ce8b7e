"""database.yml: production's databases with their timers, by adapter and version; templates stay unknown."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span

SHARED = """\
default: &default
  adapter: postgresql
  pool: <%= ENV.fetch("RAILS_MAX_THREADS") { 5 } %>
  checkout_timeout: 10
  password: hunter2
production:
  <<: *default
  host: db.internal
  port: 6000
  idle_timeout: 60
  variables: {statement_timeout: 15000}
"""


def test_postgresql():
    (pool,), _ = read("activerecord", {"config/database.yml": SHARED, "Gemfile.lock": "    rails (7.1.3)\n"})
    assert (pool.product, pool.variant, str(pool.span), pool.part_of) == (
        "activerecord", "postgresql", "config/database.yml:2:3", "code:",
    )  # fmt: skip
    assert links(pool) == ["db.internal:6000 postgresql production @ 8:9"]
    assert settings(pool.settings) == [
        'pool = <%= ENV.fetch("RAILS_MAX_THREADS") { 5 } %> @ 3:3-52',
        "checkout_timeout = 10 @ 4:3-23",
        "idle_timeout = 60 @ 10:3-19",
        "variables.statement_timeout = 15000 @ 11:15-39",
    ]
    assert facts(
        pool.facts, "connect.idle_keep", "connect.pool_wait", "connect.connect", "session.statement_total"
    ) == [
        "connect.idle_keep = 60s (idle_timeout, written @ 10:3)",
        "connect.pool_wait = 10s (checkout_timeout, written @ 4:3)",
        "connect.connect = never (connect_timeout, default @ 2:3)",
        "session.statement_total = 15s (variables.statement_timeout, written @ 11:15)",
    ]
    assert "hunter2" not in repr(pool)


def test_defaults_by_version():
    text = "production: {adapter: mysql2, host: db}\n"
    new, old = (
        read("activerecord", {"config/database.yml": text, "Gemfile.lock": f"    rails ({version})\n"})[0][0]
        for version in ("7.0.8", "5.1.7")
    )
    assert facts(new.facts, "connect.idle_keep", "connect.connect", "connect.read_stall") == [
        "connect.idle_keep = 300s (idle_timeout, default @ 1:14)",
        "connect.connect = 120s (connect_timeout, default @ 1:14)",
        "connect.read_stall = never (read_timeout, default @ 1:14)",
    ]
    assert facts(old.facts, "connect.idle_keep") == ["connect.idle_keep = never (idle_timeout, default @ 1:14)"]


def test_several_databases_and_urls():
    text = """
production:
  primary: {adapter: trilogy, host: a}
  replica: {url: "mysql2://me:hunter2@b:3310/x"}
  cache: {adapter: sqlite3}
  other: {adapter: postgresql, url: "<%= ENV['OTHER_URL'] %>"}
  socket: {adapter: postgresql}
  later: {adapter: postgresql, host: "<%= ENV['H'] %>"}
"""
    pools, _ = read("activerecord", {"database.yml": text})
    assert [link for pool in pools for link in links(pool)] == [
        "a:3306 mysql primary @ 3:37",
        "b:3310 mysql replica @ 4:18",
        "the address comes from the environment postgresql other @ 6:10",
        "no host is given postgresql socket @ 7:11",
        "filled in later: <%= ENV['H'] %> postgresql later @ 8:38",
    ]


def test_what_its_workload_has_in_the_environment():
    at = Span("compose.yaml", Pos(5, 7), Pos(5, 20))
    app = workload("web", root="", env={"DB_HOST": Word("db", at), "URL": Word("postgres://me:x@pg/a", at)})
    text = "production:\n  a: {adapter: postgresql, host: \"<%= ENV.fetch('DB_HOST') %>\"}\n  b: {url: \"<%= ENV['URL'] %>\", adapter: postgis}\n"
    pools, _ = read("activerecord", {"config/database.yml": text}, app)
    assert [(p.name, p.workload, links(p)) for p in pools] == [
        ("web", app.key, ["db:5432 postgresql a @ 2:34"]),
        ("web", app.key, ["pg:5432 postgresql b @ 3:12"]),
    ]


def test_nothing_to_read():
    for text in ("development: {adapter: postgresql}\n", "production: [1]\n", "- a\n", "adapter: x\n", ""):
        assert read("activerecord", {"config/database.yml": text}) == ([], {})
