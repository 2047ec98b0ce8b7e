import io

import pytest

from tochain.report.style import COLOUR, PLAIN, wants_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {"TERM": "xterm"}, True),
        (io.StringIO(), {}, False),
    ],
)
def test_colour_belongs_on_terminals_only(stream, environment, wanted: bool) -> None:
    assert wants_colour(stream, environment) is wanted


def test_dressing() -> None:
    assert (COLOUR("error", "x"), COLOUR("error", ""), PLAIN("error", "x")) == ("\x1b[1;31mx\x1b[0m", "", "x")
