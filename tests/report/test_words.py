import pytest

from tochain.report.words import plainly


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("504 from {client} while {server} goes on", "504 from the client while the server goes on"),
        ("{box} forgets after {box.flow.idle_tcp}", "the box forgets after the box's idle_tcp"),
        ("{inner.client} waits {inner.client.connect.worst}", "the proxy waits the proxy's worst"),
        ("{self} has {self.lifecycle.pre_stop}", "the component has the component's pre_stop"),
        ("{margin} {} {Not}", "margin {} {Not}"),
        ("{clients}", "clients"),
    ],
)
def test_holes_say_whose_value_stands_there(written: str, read: str) -> None:
    assert plainly(written) == read
