from tochain.model.finding import Step
from tochain.report.ladder import Rung, draw, planned, told


def test_the_readers_own_numbers(race, session) -> None:
    steps = (
        *race.steps,
        Step(28_800_000_000, "db", "pool", "FIN", session.labels[0]),
        Step(None, "pool", "db", "query"),
    )
    assert (
        "\n".join(draw(told(steps)))
        == """\
      0s     vm  ──▶ proxy   200 OK, connection kept
     10s     vm  ──▶ proxy   FIN                       vm/nginx.conf:2  keepalive_timeout 10s
    300s  proxy  ──▶ vm      next request              tochain.yaml:5   connect.idle_keep 300s
300050ms     vm  ──▶ proxy   RST
      8h     db  ──▶ pool    FIN                       default of db    wait_timeout 8h
       ?   pool  ──▶ db      query"""
    )


def test_a_rules_own_story() -> None:
    wire = [
        {"at": "server.accept.idle_close", "from": "server", "to": "client", "send": "FIN"},
        {"at": "client.connect.idle_keep", "from": "client", "to": "server", "send": "next request"},
    ]
    assert draw(planned(wire)) == [
        "server.accept.idle_close  server  ──▶ client   FIN",
        "client.connect.idle_keep  client  ──▶ server   next request",
    ]


def test_wide_and_hostile_words_stay_aligned() -> None:
    assert draw([Rung("1s", "時間", "a\x1b[m", "x", "pp", "v"), Rung("10s", "b", "c", "yy", "q", "w")]) == [
        " 1s  時間  ──▶ a␛[m   x    pp  v",
        "10s     b  ──▶ c      yy   q   w",
    ]


def test_no_rungs() -> None:
    assert draw([]) == []
