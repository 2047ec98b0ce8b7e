"""Source code in PHP: what is read of each library, with its places, and what it comes to."""

from __future__ import annotations

import pytest

from tests.products.test_code import read, told
from tests.products.texts import facts

CURL = """\
<?php
function ask() {
  $handle = curl_init('http://old:81/x');
  curl_setopt($handle, CURLOPT_TIMEOUT, 30);
  curl_setopt_array($handle, [CURLOPT_CONNECTTIMEOUT_MS => 500, CURLOPT_RETURNTRANSFER => true]);
  $other = curl_init();
  curl_setopt($other, CURLOPT_URL, 'https://pay.example.com/v1');
}
"""
GUZZLE = """\
<?php
namespace App;
use GuzzleHttp\\Client;
use GuzzleHttp\\RequestOptions;
class Api {
  const PATIENCE = 4;
  private $client;
  function __construct() {
    $this->client = new Client(['base_uri' => 'http://stock:8080', 'timeout' => self::PATIENCE, RequestOptions::CONNECT_TIMEOUT => 1.5]);
  }
  function all() { return $this->client->request('GET', 'http://stock:8080/all', ['timeout' => 9]); }
}
"""
LARAVEL = """\
<?php
use Illuminate\\Support\\Facades\\Http;
function send() {
  Http::timeout(3)->connectTimeout(2)->get('http://mail:8025/send');
  Http::get('http://sms:80/');
}
"""
DATABASES = """\
<?php
function open() {
  $pdo = new \\PDO('mysql:host=db;port=3307;dbname=x', 'me', getenv('DB_PASSWORD'), [\\PDO::ATTR_TIMEOUT => 5]);
  $m = mysqli_init();
  $m->options(MYSQLI_OPT_CONNECT_TIMEOUT, 6);
  mysqli_options($m, MYSQLI_OPT_READ_TIMEOUT, 7);
  $m->real_connect('db2', 'me', 'hunter2');
}
"""
STREAMS = """\
<?php
ini_set('default_socket_timeout', 20);
$context = stream_context_create(['http' => ['timeout' => env('PATIENCE', 8)]]);
$feed = file_get_contents('http://feed:8000/rss', false, $context);
$own = file_get_contents('data/own.json') . file_get_contents('php://input');
"""

SAMPLES = {
    "curl": (
        CURL,
        [
            "curl client",
            "--max-time = 30 @ 4:3-44",
            "--connect-timeout = 500 @ 5:31-63",
            "-> old:81 http curl_init @ 3:13",
            "-> pay.example.com:443 http curl_init @ 7:3",
        ],
    ),
    "guzzle": (
        GUZZLE,
        [
            "guzzle client",
            "timeout = 4 @ 9:68-95",
            "timeout = 9 @ 11:83-97",
            "connect_timeout = 1.5 @ 9:97-135",
            "-> stock:8080 http Client @ 9:21",
            "-> stock:8080 http client.request @ 11:27",
        ],
    ),
    "laravel": (
        LARAVEL,
        [
            "guzzle client",
            "timeout = 3 @ 4:3-19",
            "connect_timeout = 2 @ 4:21-38",
            "-> mail:8025 http get @ 4:3",
            "-> sms:80 http Http.get @ 5:3",
        ],
    ),
    "databases": (
        DATABASES,
        [
            "php-database client",
            "MYSQLI_OPT_CONNECT_TIMEOUT = 6 @ 5:3-45",
            "MYSQLI_OPT_READ_TIMEOUT = 7 @ 6:3-49",
            "-> db2:3306 mysql m.real_connect @ 7:3",
            "php-database client",
            "PDO::ATTR_TIMEOUT = 5 @ 3:85-108",
            "-> db:3307 mysql PDO @ 3:10",
        ],
    ),
    "streams": (
        STREAMS,
        [
            "php-streams client",
            "default_socket_timeout = 20 @ 2:1-38",
            "http.timeout = 8 @ 3:46-77 assumed",
            "-> feed:8000 http file_get_contents @ 4:9",
        ],
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample(name: str) -> None:
    text, expected = SAMPLES[name]
    found = read({"src/a.php": text})
    assert [line for component in found for line in told(component)] == expected
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        (
            CURL,
            1,
            [
                "connect.request_total = never (--max-time, default @ 6:12)",
                "connect.connect = 300s (--connect-timeout, default @ 6:12)",
                "connect.tcp_keepalive_time = off (CURLOPT_TCP_KEEPALIVE, default @ 6:12)",
            ],
        ),
        (
            GUZZLE,
            1,
            [
                "connect.request_total = 9s (timeout, written @ 11:83)",
                "connect.connect = 1500ms (connect_timeout, written @ 9:97)",
            ],
        ),
        (
            LARAVEL,
            1,
            [
                "connect.request_total = 30s (timeout, default @ 5:3)",
                "connect.connect = 10s (connect_timeout, default @ 5:3)",
            ],
        ),
        (STREAMS, 0, ["connect.read_stall = 8s (http.timeout, assumed @ 3:46)"]),
    ],
)
def test_what_it_comes_to(text: str, at: int, expected: list[str]) -> None:
    (found,) = read({"src/a.php": text})
    timers = ("connect.request_total", "connect.connect", "connect.read_stall", "connect.tcp_keepalive_time")
    shown = facts(found.links[at].facts, *timers)
    assert [line for line in shown if "(--speed" not in line] == expected


def test_streams_follow_the_limit_of_sockets() -> None:
    text = "<?php\nini_set('default_socket_timeout', 20);\n$x = file_get_contents('http://feed:8000/');\n"
    (found,) = read({"a.php": text})
    assert facts(found.links[0].facts) == ["connect.read_stall = 20s (default_socket_timeout, written @ 2:1)"]


def test_tests_and_libraries_are_left_out() -> None:
    assert read({"tests/a.php": CURL, "src/AskTest.php": CURL, "vendor/x/a.php": CURL}) == []
