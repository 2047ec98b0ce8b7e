"""Expressions of eleven languages to values; nothing is guessed, nothing is run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.formats.code import Code, parse
from tochain.formats.constant import Evaluator, Value
from tochain.model.span import SourceFile


def value(extension: str, text: str, name: str = "v", **environment: str) -> Value:
    """What the last value bound to a name comes to."""
    code = parse(SourceFile(f"file.{extension}", text))
    assert isinstance(code, Code)
    binding = [b for b in code.bindings if b.path.rpartition(".")[2] == name][-1]
    return Evaluator(code, environment).value(binding.value)


def shown(found: Value) -> str:
    """A value in one line."""
    return f"{found.kind} {found.show() if found.known else found.reason}"


@pytest.mark.parametrize(
    ("extension", "text", "expected"),
    [
        ("js", "const v = 65_000", "number 65000"),
        ("js", "const v = 65 * 1000 + 1", "number 65001"),
        ("js", "const v = 0x10", "number 16"),
        ("js", "const v = 1e3", "number 1000"),
        ("js", "const v = -1", "number -1"),
        ("js", "const v = Infinity", "word never"),
        ("js", "const v = null", "word none"),
        ("js", "const v = a ? 5 : 5", "number 5"),
        ("js", "const v = a ? 5 : 6", "unknown one of several, decided at run time: 5, 6"),
        ("js", "const BASE = 'http://a'; const v = `${BASE}/x/${id}`", "text http://a/x/{}"),
        ("js", "const v = process.env.X || 5000", "unknown environment variable X, 5000 unless set"),
        ("js", 'const v = parseInt(process.env["X"] ?? "5000", 10)', "unknown environment variable X, 5000 unless set"),
        ("js", "const v = Number(process.env.X) * 1000 || 60 * 1000", "unknown environment variable X, 60000 unless set"),
        ("ts", "const v: number = +process.env.PORT!", "unknown environment variable PORT"),
        ("ts", "const v = (5 as number) * 2", "number 10"),
        ("js", "const v = config.get('x')", "unknown computed by config.get()"),
        ("js", "const v = other", "unknown other is set elsewhere"),
        ("js", "let a = 1; a = 2; const v = a", "unknown a is set elsewhere"),
        ("js", "let p = 8080; if (process.env.P) { p = process.env.P } const v = p", "unknown environment variable P, 8080 unless set"),
        ("js", "const a = b; const b = a; const v = a", "unknown an expression nested too deeply"),
        ("js", "const v = v + 1", "unknown v is set elsewhere"),
        ("js", "const v = 1 / 0", "unknown not a constant"),
        ("py", "v = 1_000", "number 1000"),
        ("py", "v = 0.5", "number 0.5"),
        ("py", "T = 5\nv = T * 2", "number 10"),
        ("py", "v = None", "word none"),
        ("py", "v = timedelta(minutes=1, seconds=5)", "duration 65s"),
        ("py", "v = int(os.environ.get('X', '75'))", "unknown environment variable X, 75 unless set"),
        ("py", "v = os.getenv('X') or 5", "unknown environment variable X, 5 unless set"),
        ("py", "v = os.environ['X']", "unknown environment variable X"),
        ("py", "def f(t=5):\n    v = t", "unknown parameter t, 5 unless given"),
        ("py", "v = timedelta(minutes=1, seconds=30).total_seconds()", "number 90"),
        ("py", "T = timedelta(minutes=2)\nv = T.total_seconds()", "number 120"),
        ("py", "C = {'a': {'b': 5}}\nv = C['a']['b'] * 2", "number 10"),
        ("py", "C = dict(a=5)\nv = C['a']", "number 5"),
        ("py", "class L:\n    READ = 5\n    def f(self):\n        read = 6\nv = L.READ", "number 5"),
        ("py", "class L:\n    def f(self):\n        read = 6\nv = L.read", "unknown L.read is set elsewhere"),
        ("py", "def limits():\n    return L(read=5)\nx = limits()\nv = x.read", "number 5"),
        ("py", "C = {'a': 1}\ndef f(C):\n    v = C['a']", "unknown parameter C"),
        ("js", "const c = { a: { b: 5 } }; const v = c.a.b", "number 5"),
        ("js", "const c = Object.freeze({ a: 5 }); const v = c.a", "number 5"),
        ("js", "const c = { a: 5 }; c.a = 6; const v = c.a", "unknown c.a is set elsewhere"),
        ("js", "const c = { a: 5, a: 6 }; const v = c.a", "unknown c.a is set elsewhere"),
        ("go", "package a\nfunc d() C { return C{Idle: 61 * time.Second} }\nfunc f() { c := d(); v := c.Idle }", "duration 61s"),
        ("go", "package a\nconst d = 90 * time.Second\nvar v = d.Seconds()", "number 90"),
        ("java", "class A { long v = TimeUnit.MINUTES.toMillis(30); }", "number 1800000"),
        ("java", "class A { long v = Duration.ofMinutes(2).toMillis(); }", "number 120000"),
        ("kt", "val v = 4.seconds.toJavaDuration()", "duration 4s"),
        ("cs", "class A { double v = TimeSpan.FromMinutes(2).TotalMilliseconds; }", "number 120000"),
        ("rs", "const v: u128 = Duration::from_secs(3).as_millis();", "number 3000"),
        ("py", "H = 'api'\nv = f'http://{H}:8080/x'", "text http://api:8080/x"),
        ("py", "v = get_optional_env('TIMEOUT') or 30", "unknown environment variable TIMEOUT, 30 unless set"),
        ("py", "v = max(5, 10)", "number 10"),
        ("py", "v = 'a' 'b'", "text ab"),
        ("go", "package a\nvar v = 90 * time.Second", "duration 90s"),
        ("go", "package a\nvar v = time.Duration(5) * time.Minute", "duration 300s"),
        ("go", "package a\nconst T = 250\nvar v = T * time.Millisecond", "duration 0.25s"),
        ("go", "package a\nvar v = time.Hour / 2", "duration 1800s"),
        ("go", 'package a\nvar v = os.Getenv("X")', "unknown environment variable X"),
        ("go", 'package a\nfunc f() { p := "8080"; v := ":" + p }', "text :8080"),
        ("java", "class A { static final int T = 30_000; int v = T; }", "number 30000"),
        ("java", "class A { long v = 5L; }", "number 5"),
        ("java", "class A { Duration v = Duration.ofSeconds(30); }", "duration 30s"),
        ("java", "class A { Timeout v = Timeout.of(2, TimeUnit.MINUTES); }", "duration 120s"),
        ("java", "class A { Duration v = Duration.ofMillis(5).plus(d); }", "unknown computed by plus()"),
        ("java", "class A { Duration v = Duration.ZERO; }", "duration 0s"),
        ("java", 'class A { String v = System.getenv("X"); }', "unknown environment variable X"),
        ("kt", "val v = 30.seconds", "duration 30s"),
        ("kt", "const val T = 2L\nval v = Duration.ofMinutes(T)", "duration 120s"),
        ("kt", 'val v = System.getenv("X")?.toLong() ?: 5L', "unknown environment variable X, 5 unless set"),
        ("cs", "class A { TimeSpan v = TimeSpan.FromSeconds(5); }", "duration 5s"),
        ("cs", "class A { TimeSpan v = new TimeSpan(0, 1, 5); }", "duration 65s"),
        ("cs", "class A { TimeSpan v = Timeout.InfiniteTimeSpan; }", "word never"),
        ("rb", "v = 30.seconds", "duration 30s"),
        ("rb", "v = 5.minutes.to_i", "duration 300s"),
        ("rb", "v = ENV.fetch('X') { 3000 }", "unknown environment variable X, 3000 unless set"),
        ("rb", "v = Integer(ENV['X'] || 5)", "unknown environment variable X, 5 unless set"),
        ("rs", "fn f() { let v = Duration::from_secs(5); }", "duration 5s"),
        ("rs", "fn f() { let v = Some(Duration::from_millis(500)); }", "duration 0.5s"),
        ("rs", 'fn f() { let v = env::var("X").unwrap_or("5".to_string()); }', "unknown environment variable X, 5 unless set"),
        ("rs", "const T: u64 = 5_u64; fn f() { let v = T; }", "number 5"),
        ("exs", 'v = String.to_integer(System.get_env("P") || "4000")', "unknown environment variable P, 4000 unless set"),
        ("exs", "v = :timer.seconds(5)", "duration 5s"),
        ("exs", "v = :infinity", "word never"),
        ("swift", "let v = 5 * 60", "number 300"),
        ("swift", "enum L { static let read: TimeInterval = 20 }\nlet v = L.read", "number 20"),
        ("swift", 'let v = URL(string: "http://a/")!', "text http://a/"),
        ("swift", "func f(t: Double) { let v = t }", "unknown parameter t"),
        ("php", "<?php\n$v = 5 * 60;", "number 300"),
        ("php", "<?php\nclass A { const T = 4; function f() { $v = self::T; } }", "number 4"),
        ("php", "<?php\nclass A { private $t = 4; function f() { $v = $this->t; } }", "number 4"),
        ("php", "<?php\n$v = (int) (getenv('X') ?: 5);", "unknown environment variable X, 5 unless set"),
        ("php", "<?php\n$v = $_ENV['X'] ?? 5;", "unknown environment variable X, 5 unless set"),
        ("php", "<?php\n$h = 'api'; $v = \"http://$h:80/\";", "text http://api:80/"),
        ("php", "<?php\n$v = $a ? 5 : 6;", "unknown one of several, decided at run time: 5, 6"),
        ("php", "<?php\nfunction f($t) { $v = $t; }", "unknown parameter t"),
    ],
)  # fmt: skip
def test_expression(extension: str, text: str, expected: str) -> None:
    assert shown(value(extension, text)) == expected


@pytest.mark.parametrize(
    ("extension", "text", "expected"),
    [
        ("js", "const v = process.env.X || 5000", "number 70"),
        ("py", "v = int(os.environ.get('X', '75'))", "number 70"),
        ("rb", "v = ENV.fetch('X') { 3000 }", "number 70"),
        ("py", "v = f'http://h:{os.environ[\"X\"]}/'", "text http://h:70/"),
    ],
)
def test_known_environment(extension: str, text: str, expected: str) -> None:
    assert shown(value(extension, text, X="70")) == expected


@pytest.mark.parametrize(
    "text", ["v = " + "(" * 900 + "1" + ")" * 900, "v = " + "-" * 2000 + "1", "v = " + "1+" * 2000 + "1"]
)
def test_deep_nesting_ends(text: str) -> None:
    assert value("py", text).kind in ("unknown", "number")


def test_wide_nesting_ends() -> None:
    names = "\n".join(f"A{i} = max({', '.join([f'A{i + 1}'] * 90)})" for i in range(40))
    assert shown(value("py", f"{names}\nv = A0")) == "unknown computed by max()"


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.sampled_from(["js", "py", "rb"]))
def test_arithmetic_is_exact(a: int, b: int, extension: str) -> None:
    assert shown(value(extension, f"v = {a} * {b} + {a}")) == f"number {a * b + a}"


@given(st.integers(1, 10**6), st.sampled_from(["Millisecond", "Second", "Minute", "Hour"]))
def test_go_durations_commute(n: int, unit: str) -> None:
    one = value("go", f"package a\nvar v = {n} * time.{unit}")
    assert one.kind == "duration" and one == value("go", f"package a\nvar v = time.{unit} * {n}")
