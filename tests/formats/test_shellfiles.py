from __future__ import annotations

import pytest

from tests.fuzz.__main__ import checked
from tochain.formats.shellfiles import Script, parse
from tochain.model.span import SourceFile


def script(text: str) -> Script:
    return parse(SourceFile("a.sh", text))


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("cat > /etc/a <<EOF\none\nEOF\n", "one\n"),
        ("cat <<'EOF' >/etc/a\n$host\nEOF\n", "$host\n"),
        ("cat <<-EOF | sudo tee /etc/a >/dev/null\n\tone\n\tEOF\n", "one\n"),
        ('cat > "/etc/a" <<"E.1"\none\nE.1\n', "one\n"),
        ("P=80\ncat > /etc/a <<E\n$P ${P} $Q \\$P \\\\ \\x\nE\n", "80 80 $Q $P \\ \\x\n"),
        ("P=80\nP=81\ncat > /etc/a <<E\n$P\nE\n", "$P\n"),
        ("P=$(id)\ncat > /etc/a <<E\n$P\nE\n", "$P\n"),
        ("echo 'a = 1' > /etc/a\n", "a = 1\n"),
        ("sudo sh -c \"echo 'a = 1' > /etc/a\"\n", "a = 1\n"),
        ('A=1\necho "a = $A" | tee /etc/a\n', "a = 1\n"),
    ],
)
def test_files(text: str, content: str) -> None:
    assert [(file.path, file.content.text, file.append) for file in script(text).files] == [("/etc/a", content, False)]


@pytest.mark.parametrize("text", ["echo 'a' >> /etc/a\n", "cat >>/etc/a <<E\na\nE\n", "echo 'a' | tee -a /etc/a\n"])
def test_appended(text: str) -> None:
    assert [file.append for file in script(text).files] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "# cat > /etc/a <<EOF\nEOF\n",
        "cat > /etc/a <<EOF\nnever ended\n",
        "cat > $HOME/a <<EOF\none\nEOF\n",
        "x=$((1<<EOF))\nEOF\n",
        "read <<<EOF\nEOF\n",
        "curl -o /etc/a https://example.net/a\n",
        "echo 'a\\nb' > /etc/a\n",
        "grep x 2> /dev/null\n",
    ],
)
def test_what_writes_no_file_that_can_be_read(text: str) -> None:
    assert script(text).files == ()


def test_conditions() -> None:
    text = "if true; then\n  cat > /a <<E\n1\nE\nfi\ncat > /b <<E\n2\nE\nf() {\necho '3' > /c\n}\necho '4' > /d\n"
    found = [(file.path, file.conditional) for file in script(text).files]
    assert found == [("/a", True), ("/b", False), ("/c", True), ("/d", False)]


@pytest.mark.parametrize("text", ["exec a --bind b\n", "cat > /a <<E\n\u2028\x0b\nE\n", "A=1"])
def test_every_place_lies_in_the_script(text: str) -> None:
    checked(parse, text)


def test_places_and_the_rest() -> None:
    found = script("start\n  cat > /a <<E\nkey = 1\nE\nend\n")
    assert str(found.files[0].content.span(6, 7)) == "a.sh:3:7"
    assert found.rest.text == "start\n  cat > /a <<E\nend\n"
