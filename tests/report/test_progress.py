import io
import threading

from tochain.report.progress import CLEAR, Progress


class Terminal(io.StringIO):
    """A terminal that tells when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)


def test_nothing_is_written_where_nobody_watches() -> None:
    stream = io.StringIO()
    with Progress(stream, patience=0) as progress:
        progress.tick("reading")
    assert stream.getvalue() == ""


def test_a_short_run_shows_nothing() -> None:
    stream = Terminal()
    with Progress(stream, patience=60) as progress:
        progress.tick("reading")
    assert stream.getvalue() == ""


def test_a_long_run_shows_a_line_and_wipes_it() -> None:
    stream = Terminal()
    with Progress(stream, patience=0, refresh=60) as progress:
        assert stream.written.wait(30)
        progress.tick("judging")
    assert stream.getvalue() == f"{CLEAR}[#-----------------------]{CLEAR}"


def test_the_line() -> None:
    progress = Progress(Terminal())
    progress.tick("reading", 3, 12)
    assert progress.line(80) == "[######------------------] 3/12 reading"
    assert progress.line(12) == "[######----"
    progress.tick("joining\x1b[2J")
    assert [progress.line(80), progress.line(80)] == [
        "[#-----------------------] joining␛[2J",
        "[-#----------------------] joining␛[2J",
    ]


def test_the_line_is_wiped_after_an_error_too() -> None:
    stream = Terminal()
    try:
        with Progress(stream, patience=0, refresh=60):
            assert stream.written.wait(30)
            raise ValueError
    except ValueError:
        pass
    assert stream.getvalue().endswith(CLEAR)
