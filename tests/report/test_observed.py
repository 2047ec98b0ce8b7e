"""What was seen on running programs, as lines."""

from __future__ import annotations

from tochain.report.observed import observed_lines


def row(**more: str) -> dict[str, str]:
    return {
        "program": "nginx",
        "version": "1.31.3",
        "date": "2026-11-25",
        "saw": "GET 200, POST 502",
        "tries": "20",
        **more,
    }


def test_rows_that_differ_in_their_counterpart_alone_are_one_line() -> None:
    rows = [row(against="gunicorn"), row(against="node"), row(against="uvicorn"), row(against="x", saw="GET 502")]
    assert observed_lines(rows) == [
        "GET 200, POST 502: observed with nginx 1.31.3 before gunicorn, node and uvicorn, 20 tries each, 2026-11-25",
        "GET 502: observed with nginx 1.31.3 before x, 20 tries, 2026-11-25",
    ]


def test_what_is_not_known_is_left_out() -> None:
    assert observed_lines([{"program": "node", "version": "20", "saw": "closes after 6.0 s"}]) == [
        "closes after 6.0 s: observed with node 20"
    ]
    assert observed_lines([]) == []


def test_what_happened_to_a_program_stands_instead_of_a_counterpart() -> None:
    row = {"program": "nginx", "version": "1.31.3", "saw": "running requests lost", "against": "on SIGTERM"}
    assert observed_lines([row]) == ["running requests lost: observed with nginx 1.31.3 on SIGTERM"]
