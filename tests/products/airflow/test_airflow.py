"""airflow.cfg with variables over it, and the database and broker it names."""

from __future__ import annotations

from tests.products.texts import facts, links, read, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span

CFG = """\
[core]
executor = CeleryExecutor
[database]
sql_alchemy_conn = postgresql+psycopg2://af:hunter2@db/airflow
sql_alchemy_pool_recycle = 900
[celery]
broker_url = redis://cache:6379/0
result_backend = db+postgresql://af:hunter2@db/airflow
"""


def test_file_and_variables():
    env = {"AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_RECYCLE": Word("280", Span("compose.yaml", Pos(4, 2), Pos(4, 5)))}
    one = workload("flow", "apache/airflow:2.9.1", mounts={"airflow.cfg": "/opt/airflow/airflow.cfg"}, env=env)
    (found, broker), _ = read("airflow", {"airflow.cfg": CFG}, one)
    assert (found.name, str(found.versions)) == ("flow", "2.9.1")
    assert [[line.partition(" @")[0] for line in links(c)] for c in (found, broker)] == [
        ["db:5432 postgresql sql_alchemy_conn"],
        ["cache:6379 redis broker_url", "db:5432 postgresql result_backend"],
    ]
    assert (broker.product, broker.kind, broker.facts) == ("client", "client", {})
    assert facts(found.facts, "connect.max_age", "accept.request_total") == [
        "connect.max_age = 280s (database.sql_alchemy_pool_recycle, written @ 4:2)",
        "accept.request_total = 120s (api.worker_timeout, default @ 1:1)",
    ]
    assert "hunter2" not in repr(found)
