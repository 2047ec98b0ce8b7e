"""How things are started: commands in every form, Dockerfile stages, environment, variables, ports."""

from __future__ import annotations

import pytest

from tochain.formats.yamlfile import parse
from tochain.model.span import SourceFile
from tochain.products.start import command_of, image_of, inside, interpolate


def command(entrypoint: str | None, args: str | None) -> list[str]:
    """The running command of a service with an entrypoint and a command, as YAML writes them."""
    text = (f"entrypoint: {entrypoint}\n" if entrypoint else "") + (f"command: {args}\n" if args else "") or "{}\n"
    source = SourceFile("compose.yaml", text)
    (root,) = parse(source).roots
    return [word.text for word in command_of(source, root.get("entrypoint"), root.get("command"))]


@pytest.mark.parametrize(
    ("entrypoint", "args", "words"),
    [
        (None, None, []),
        (None, "[gunicorn, -b, ':80', app:app]", ["gunicorn", "-b", ":80", "app:app"]),
        (None, "gunicorn -b :80 app:app", ["gunicorn", "-b", ":80", "app:app"]),
        ("[gunicorn]", "[--keep-alive, '5']", ["gunicorn", "--keep-alive", "5"]),
        (
            "[sh, -c, 'migrate && exec gunicorn --keep-alive 5 app:app']",
            None,
            ["gunicorn", "--keep-alive", "5", "app:app"],
        ),
        (None, "sh -c 'sleep 5; gunicorn app:app'", ["gunicorn", "app:app"]),
    ],
)
def test_the_command_that_stays(entrypoint: str | None, args: str | None, words: list[str]) -> None:
    """Lists and texts, shells opened, the last command of a line."""
    assert command(entrypoint, args) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("${A}", "1"),
        ("$A/x", "1/x"),
        ("${B}", "${B}"),
        ("${B:-2}", "2"),
        ("${B-2}", "2"),
        ("${A:-2}", "1"),
        ("${B:?must be given}", "${B:?must be given}"),
        ("a$", "a$"),
    ],
)
def test_variables(text: str, shown: str) -> None:
    """Known ones filled in, defaults taken, the rest left as written."""
    assert interpolate(text, {"A": "1"}) == shown


DOCKERFILE = """\
FROM python:3.12 AS base
ENV KEEP=5 OTHER="a b"
EXPOSE 8000/tcp 9000
COPY conf/gunicorn.conf.py /app/gunicorn.conf.py

FROM node:20 AS unused
CMD ["node", "server.js"]

FROM base
ENV MODE prod
ENTRYPOINT ["gunicorn"]
CMD ["--keep-alive", "7", "app:app"]
"""


def test_the_last_stage_of_a_dockerfile_counts() -> None:
    """With what it inherits from the stages it is built on, and nothing of the others."""
    image = image_of(SourceFile("Dockerfile", DOCKERFILE))
    assert image.base is not None
    assert image.base.text == "python:3.12"
    assert [word.text for word in image.command] == ["gunicorn", "--keep-alive", "7", "app:app"]
    assert {name: word.text for name, word in image.env.items()} == {"KEEP": "5", "OTHER": "a b", "MODE": "prod"}
    assert (image.ports, image.copies) == ((8000, 9000), {"conf/gunicorn.conf.py": "/app/gunicorn.conf.py"})
    seven = next(word for word in image.command if word.text == "7")
    assert seven.span.start.line == 12
    assert DOCKERFILE.splitlines()[11][seven.span.start.column - 1 : seven.span.end.column - 1].strip('"') == "7"


def test_an_entrypoint_forgets_the_command_it_inherits() -> None:
    """As the engine does it."""
    text = 'FROM a AS one\nCMD ["x"]\nFROM one\nENTRYPOINT ["y"]\n'
    assert [word.text for word in image_of(SourceFile("Dockerfile", text)).command] == ["y"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "RUN x\n", "FROM\n", "FROM a AS a\nFROM a\n"])
def test_odd_dockerfiles_are_no_crash(text: str) -> None:
    """Nothing, no stage, a stage that is built on itself."""
    assert image_of(SourceFile("Dockerfile", text)).command == ()


@pytest.mark.parametrize(
    ("folder", "path", "plain"),
    [
        ("", "app", "app"),
        ("a/b", "./c", "a/b/c"),
        ("a/b", "../c", "a/c"),
        ("a", "../../c", "c"),
        ("", ".", ""),
        ("a", "/x", "x"),
    ],
)
def test_paths_stay_in_the_repository(folder: str, path: str, plain: str) -> None:
    """Relative to a folder, never above the top."""
    assert inside(folder, path) == plain
