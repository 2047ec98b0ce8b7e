"""Source code in Swift: URLSession's configurations and requests."""

from __future__ import annotations

from tests.products.test_code import one, told
from tests.products.texts import facts

TEXT = """\
import Foundation
enum Limits { static let read: TimeInterval = 20 }
class Api {
  lazy var session: URLSession = {
    let configuration = URLSessionConfiguration.default
    configuration.timeoutIntervalForRequest = Limits.read
    configuration.timeoutIntervalForResource = 5 * 60
    return URLSession(configuration: configuration)
  }()
  func load() async throws {
    var request = URLRequest(url: URL(string: "https://api.example.com/v1/x")!)
    request.timeoutInterval = 10
    let quick = URLRequest(url: URL(string: "https://two.example.com/y")!, cachePolicy: .useProtocolCachePolicy, timeoutInterval: 2.5)
    let plain = URLRequest(url: URL(string: "https://three.example.com/")!)
  }
}
"""


def test_sessions_and_requests():
    assert told(one("App/Api.swift", TEXT)) == [
        "ios-urlsession client",
        "timeoutInterval = 10 @ 12:5-33",
        "timeoutInterval = 2.5 @ 13:114-134",
        "timeoutIntervalForRequest = 20 @ 6:5-58",
        "timeoutIntervalForResource = 300 @ 7:5-54",
        "-> api.example.com:443 http URLRequest @ 11:19",
        "-> two.example.com:443 http URLRequest @ 13:17",
        "-> three.example.com:443 http URLRequest @ 14:17",
    ]


def test_a_request_has_its_own_time_or_that_of_the_session():
    first, second, third = (link.facts for link in one("App/Api.swift", TEXT).links)
    assert [facts(found, "connect.read_stall", "connect.request_total") for found in (first, second, third)] == [
        [
            "connect.read_stall = 10s (timeoutInterval, written @ 12:5)",
            "connect.request_total = 300s (timeoutIntervalForResource, written @ 7:5)",
        ],
        [
            "connect.read_stall = 2500ms (timeoutInterval, written @ 13:114)",
            "connect.request_total = 300s (timeoutIntervalForResource, written @ 7:5)",
        ],
        [
            "connect.read_stall = 20s (timeoutIntervalForRequest, written @ 6:5)",
            "connect.request_total = 300s (timeoutIntervalForResource, written @ 7:5)",
        ],
    ]


def test_without_a_word_the_defaults_hold():
    text = 'import Foundation\nlet r = URLRequest(url: URL(string: "http://a.example.com/")!)\n'
    (link,) = one("A.swift", text).links
    assert facts(link.facts, "connect.read_stall", "connect.request_total") == [
        "connect.read_stall = 60s (timeoutInterval, default @ 2:9)",
        "connect.request_total = 7d (timeoutIntervalForResource, default @ 2:9)",
    ]
