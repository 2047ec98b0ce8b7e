"""The baseline: what was known is taken away, one entry a finding; what has gone is said; lines may move."""

from __future__ import annotations

from pathlib import Path

import pytest

from tochain.baseline import apply, dump, read
from tochain.check import check_files
from tochain.model.errors import TochainError
from tochain.model.result import Result

SLOW = "    location /{n} {{ proxy_pass http://app; proxy_read_timeout 120s; }}\n"
DECLARED = """\
version: 1
components:
  lb: {product: black-box, timers: {connect.response_header: 60s}}
  web: {product: nginx, version: 1.28.3, config: nginx.conf}
  app: {product: black-box, timers: {accept.idle_close: 300s}}
paths: [lb -> web -> app]
rules: {ignore: [keepalive-without-effect]}
"""


def run(locations: str, before: str = "") -> Result:
    text = f"{before}events {{}}\nhttp {{\n  upstream app {{ server app:80; }}\n  server {{\n    listen 80;\n"
    body = "".join(SLOW.format(n=name) for name in locations)
    return check_files({"nginx.conf": f"{text}{body}  }}\n}}\n", "tochain.yaml": DECLARED})


def known(tmp_path: Path, result: Result) -> tuple[dict[str, object], ...]:
    path = tmp_path / "baseline.json"
    path.write_text(dump(result), encoding="utf-8")
    return read(path)


def test_nothing_is_new_after_lines_have_moved(tmp_path: Path) -> None:
    result = run("ab")
    assert len(result.findings) == 2
    compared = apply(run("ab", before="# a line\n\n# and another\n"), known(tmp_path, result))
    assert (compared.result.findings, compared.result.suppressed, compared.gone) == ((), 2, ())


def test_an_equal_finding_at_a_further_place_is_new(tmp_path: Path) -> None:
    """Two locations of one hop with the same limit have one fingerprint; a third one is not known."""
    assert len({finding.fingerprint for finding in run("ab").findings}) == 1
    compared = apply(run("abc"), known(tmp_path, run("ab")))
    assert [finding.primary.span.start.line for finding in compared.result.findings] == [8]
    assert (compared.result.suppressed, compared.gone) == (2, ())


def test_what_has_gone_is_said_as_often_as_it_was_known(tmp_path: Path) -> None:
    entries = known(tmp_path, run("abc"))
    compared = apply(run("a"), entries)
    assert (compared.result.findings, compared.gone) == ((), entries[1:])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no baseline"),
        ("[]", "is no baseline of version 1"),
        ('{"baseline": 1, "findings": [{}]}', "an entry without a fingerprint"),
        ('{"baseline": 1, "findings": [{"fingerprint": []}]}', "an entry without a fingerprint"),
    ],
)
def test_what_is_no_baseline(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TochainError, match=said):
        read(path)
