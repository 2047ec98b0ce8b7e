"""Sequelize: production's database in config.json, and in source code."""

from __future__ import annotations

from tests.products.test_code import one
from tests.products.texts import facts, links, read

CONFIG = """\
{"development": {"dialect": "sqlite"},
 "production": {"username": "me", "password": "hunter2", "host": "db", "port": 3307, "dialect": "mysql",
  "pool": {"max": 7, "idle": 20000}, "dialectOptions": {"connectTimeout": 4000}}}
"""
TIMERS = ("connect.idle_keep", "connect.pool_wait", "connect.connect", "connect.idle_pool_size")


def test_config():
    texts = {"api/config/config.json": CONFIG, "api/package.json": '{"dependencies": {"sequelize": "^6.35.0"}}'}
    (pool,), _ = read("sequelize", texts)
    assert (pool.kind, str(pool.versions), pool.part_of, links(pool)) == (
        "pool", "^6.35.0", "code:api", ["db:3307 mysql production @ 2:66"],
    )  # fmt: skip
    assert facts(pool.facts, *TIMERS) == [
        "connect.idle_keep = 20s (pool.idle, written @ 3:22)",
        "connect.pool_wait = 60s (pool.acquire, default @ 2:86)",
        "connect.connect = 4s (dialectOptions.connectTimeout, written @ 3:57)",
        "connect.idle_pool_size = 7 (pool.max, written @ 3:12)",
    ]
    assert "hunter2" not in repr(pool)


def test_where_the_address_comes_from():
    for text, link in (
        ('"url": "postgres://me:hunter2@pg/x"', "pg:5432 postgresql production @ 1:47"),
        ('"use_env_variable": "DATABASE_URL"', "the address comes from the environment postgresql production @ 1:60"),
        ('"pool": {}', "no host is given postgresql production @ 1:1"),
    ):
        (pool,), _ = read("sequelize", {"config/config.json": f'{{"production": {{"dialect": "postgres", {text}}}}}'})
        assert links(pool) == [link]
    assert read("sequelize", {"config/config.json": '{"production": {"dialect": "sqlite"}}'}) == ([], {})


def test_code():
    text = (
        "const { Sequelize } = require('sequelize');\n"
        "const db = new Sequelize('x', 'me', 'hunter2', {host: 'db', dialect: 'mysql', pool: {idle: 5000, acquire: 30000}});\n"
    )
    found = one("db.js", text)
    assert facts(found.links[0].facts, "connect.idle_keep", "connect.pool_wait") == [
        "connect.idle_keep = 5s (pool.idle, written @ 2:86)",
        "connect.pool_wait = 30s (pool.acquire, written @ 2:98)",
    ]
