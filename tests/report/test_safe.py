import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.report.safe import clean, mask, one_line, pad, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("\x1b[31mred\x07", "␛[31mred␇"),
        ("a\tb\r\n", "a␉b␍␊"),
        ("\x7f\x9b31m", "␡\ufffd31m"),
        ("safe\u202eexe", "safe\ufffdexe"),
        ("\ud800", "\ufffd"),
        ("zażółć 時間", "zażółć 時間"),
    ],
)
def test_what_a_terminal_would_obey_becomes_visible(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text())
def test_cleaning_keeps_columns_and_leaves_nothing_to_obey(text: str) -> None:
    shown = clean(text)
    assert len(shown) == len(text)
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown)
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://app:hunter2@db:5432/x", "postgresql://app:*******@db:5432/x"),
        ("redis://:12345@cache", "redis://:*****@cache"),
        ("https://example.com/a:b@c", "https://example.com/a:b@c"),
        ("password = hunter2", "password = *******"),
        ("  DB_PASSWORD: 'hun ter2'", "  DB_PASSWORD: '********'"),
        ('"password": 123456,', '"password": ******,'),
        ("password: ${DB_PASSWORD}", "password: ${DB_PASSWORD}"),
        ("access_token_lifetime = 3600", "access_token_lifetime = 3600"),
        ("token_timeout: 30s", "token_timeout: 30s"),
        ("api_key: abcdef", "api_key: ******"),
        (
            'proxy_set_header Authorization "Basic YWJjOmRlZg==";',
            'proxy_set_header Authorization "Basic ************";',
        ),
        ("requirepass s3cret", "requirepass ******"),
        ("stats auth admin:hunter2", "stats auth admin:*******"),
        ("mysql --password hunter2 -h db", "mysql --password ******* -h db"),
        ("keepalive_timeout 300s;", "keepalive_timeout 300s;"),
        ("redis-server --timeout 30 --requirepass s3cret", "redis-server --timeout 30 --requirepass ******"),
        ('user = "me:hunter2"', 'user = "me:*******"'),
        ("curl -m 5 -u me:hunter2 http://a", "curl -m 5 -u me:******* http://a"),
        ("docker run -u 1000:1000 x", "docker run -u 1000:1000 x"),
        ("h:hopen (`:tick:5010:me:hunter2;500)", "h:hopen (`:tick:5010:me:*******;500)"),
        ("Host=db;Pwd=hush;Timeout=5", "Host=db;Pwd=****;Timeout=5"),
        ("DB: 'Host=db;Password=hush;Timeout=5'", "DB: 'Host=db;Password=****;Timeout=5'"),
        ('"a": "b", "c": "Pwd=hush"', '"a": "b", "c": "Pwd=****"'),
        ("DSN: me:hush@tcp(db)/x", "DSN: me:****@tcp(db)/x"),
        ("default_pass = guest", "default_pass = *****"),
        ("bypass = on, compass: north", "bypass = on, compass: north"),
        ("  URL: cmVkaXM6Ly86aHVudGVyMkBjYWNoZQ==", "  URL: " + "*" * 32),
        ("  name: cmVkaXM6Ly9jYWNoZTo2Mzc5LzA=", "  name: cmVkaXM6Ly9jYWNoZTo2Mzc5LzA="),
    ],
)
def test_secrets_become_stars(text: str, shown: str) -> None:
    assert mask(text) == shown


@given(st.text(alphabet="pasword=token:/@ '\"x1{}$-\n", max_size=200))
def test_masking_keeps_columns(text: str) -> None:
    assert len(mask(text)) == len(text)


def test_masking_a_long_hostile_line_does_not_take_long() -> None:
    for hostile in ("token" * 40_000, "a='" * 60_000, "://a:" * 40_000, "password" + " " * 200_000):
        assert len(mask(hostile)) == len(hostile)


def test_prose_is_one_line_and_ends() -> None:
    assert one_line("a\n  b\tc\x1b") == "a b c␛"
    assert one_line("x" * 2000) == "x" * 999 + "…"


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("時間", 4), ("e\u0301", 1), ("", 0), ("ｆ", 2)])
def test_width_counts_terminal_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_padding_counts_terminal_columns() -> None:
    assert (pad("時", 4), pad("時", 4, right=True), pad("long", 2)) == ("時  ", "  時", "long")
