"""Properties injected into code: what the application's files set, else the default beside the name."""

from __future__ import annotations

import pytest

from tests.products.test_code import SourceFile
from tests.products.texts import workload
from tochain.discover import Files
from tochain.model.component import Component, Word, Workload
from tochain.model.coverage import FileReport
from tochain.model.limit import Unknown
from tochain.model.span import Pos, Span
from tochain.products import code
from tochain.products.base import Context

HEAD = "package a;\nimport java.time.Duration;\nimport okhttp3.OkHttpClient;\n"
CODE = "app/src/main/java/a/Conf.java"
YAML = "app/src/main/resources/application.yml"


def read(texts: dict[str, str], *workloads: Workload) -> Component:
    """The only component of the source code among files of which the others are there to be asked."""
    reports: dict[str, FileReport] = {}
    everything = {path: SourceFile(path, text) for path, text in texts.items()}
    sources = [source for path, source in everything.items() if code.wants(path)]
    context = Context("source-code", sources, workloads, reports, everything, {}, Files({}, reports, texts).text)
    (found,) = code.read(context).components
    return found


def timeout(component: Component) -> str:
    """What the read timeout comes to, with its place."""
    (setting,) = component.settings["readTimeout"]
    text = setting.limit.reason if isinstance(setting.limit, Unknown) else setting.text
    return f"{text} @ {setting.span.start.line}"


FIELD = "@Value({}) private {} t;\nObject c = new OkHttpClient.Builder().readTimeout(t{}).build();"


@pytest.mark.parametrize(
    ("body", "files", "expected"),
    [
        (FIELD.format('"${x.read:5000}"', "int", ", TimeUnit.MILLISECONDS"), {}, "5s @ 6"),
        (FIELD.format('"${x.read:5}"', "long", ", TimeUnit.SECONDS"), {}, "5s @ 6"),
        (FIELD.format('"${x.read:5}"', "Duration", ""), {}, "5ms @ 6"),
        (FIELD.format('"${x.read:PT5S}"', "Duration", ""), {}, "5s @ 6"),
        (FIELD.format('"${x.read:5s}"', "Duration", ".toMillis(), TimeUnit.MILLISECONDS"), {}, "5s @ 6"),
        (FIELD.format('"${x.read}"', "int", ", TimeUnit.SECONDS"), {}, "property x.read @ 6"),
        (FIELD.format('"#{x.y}"', "int", ", TimeUnit.SECONDS"), {}, "what @Value asks for is put together elsewhere @ 6"),
        (FIELD.format('"${x.read-timeout:5}"', "int", ", TimeUnit.SECONDS"), {YAML: "x:\n  readTimeout: 7\n"}, "7s @ 6"),
        (
            FIELD.format('"${x.read:5}"', "int", ", TimeUnit.SECONDS"),
            {YAML: "x.read: 7\n", YAML.replace(".yml", "-prod.yml"): "x.read: 9\n"},
            "property x.read: 9 or 7, by profile or application @ 6",
        ),
        (FIELD.format('"${x.read:5}"', "int", ", TimeUnit.SECONDS"), {YAML: "x.read: ${READ:8}\n"}, "8s @ 6"),
        (
            FIELD.format('"${x.read:5}"', "int", ", TimeUnit.SECONDS"),
            {YAML: "x.read: ${A}${B}\n"},
            "filled in later: ${A}${B} @ 6",
        ),
        (FIELD.format('"${x.read:5}"', "int", ", TimeUnit.SECONDS"), {"src/test/application.yml": "x.read: 9\n"}, "5s @ 6"),
        (
            FIELD.format('"${x.read}"', "int", ", TimeUnit.SECONDS"),
            {"boot/src/main/resources/shop.yml": "x.read: ${READ:12}\n"},
            "12s @ 6",
        ),
        (
            "Conf(@Value(\"${a:3}\") int t) { this.s = t; }\nObject c = new OkHttpClient.Builder().readTimeout(s, TimeUnit.SECONDS).build();",
            {},
            "3s @ 6",
        ),
        (
            'void f(@ConfigProperty(name = "a", defaultValue = "4") int t) {}\nvoid g(int t) { new OkHttpClient.Builder().readTimeout(t, TimeUnit.SECONDS).build(); }',
            {},
            "parameter t @ 6",
        ),
        (
            '\nvoid g(@ConfigProperty(name = "a", defaultValue = "4") int t) { new OkHttpClient.Builder().readTimeout(t, TimeUnit.SECONDS).build(); }',
            {},
            "4s @ 6",
        ),
    ],
)  # fmt: skip
def test_java(body: str, files: dict[str, str], expected: str) -> None:
    assert timeout(read({CODE: f"{HEAD}class Conf {{\n{body}\n}}\n", **files})) == expected


@pytest.mark.parametrize(
    "text",
    [
        'class Conf(@Value("\\${x:6}") private val t: Long) {\n  val c = OkHttpClient.Builder().readTimeout(t, TimeUnit.SECONDS).build()\n}\n',
        'class Conf {\n  @Value("\\${x:6s}") private lateinit var t: Duration\n  val c = OkHttpClient.Builder().readTimeout(t).build()\n}\n',
        'class Conf {\n  fun f(@Value("\\${x:6s}") t: Duration) = OkHttpClient.Builder().readTimeout(t).build()\n}\n',
    ],
)
def test_kotlin(text: str) -> None:
    found = read({"app/Conf.kt": f"import okhttp3.OkHttpClient\n{text}"})
    assert [s.text for s in found.settings["readTimeout"]] == ["6s"]


def test_what_the_start_says_counts_before_the_files() -> None:
    at = Span("compose.yaml", Pos(2, 1), Pos(2, 9))
    started = workload("app", env={"X_READ": Word("11", at)}, root="app")
    text = HEAD + "class Conf {\n" + FIELD.format('"${x.read:5}"', "int", ", TimeUnit.SECONDS") + "\n}\n"
    assert timeout(read({CODE: text, YAML: "x.read: 7\n"}, started)) == "11s @ 6"


PROPERTIES = """\
package a;
@ConfigurationProperties(prefix = "shop.client")
public class ClientProperties {
  private Duration readTimeout = Duration.ofSeconds(6);
  private int other;
}
"""
USE = """\
package a;
import okhttp3.OkHttpClient;
class Conf {
  private final ClientProperties properties;
  Object c() { return new OkHttpClient.Builder().readTimeout(properties.getReadTimeout()).build(); }
}
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "6s @ 5"),
        ({YAML: "shop.client.read-timeout: 900\n"}, "900ms @ 5"),
        ({YAML: "shop:\n  client:\n    readTimeout: 3s\n"}, "3s @ 5"),
        ({YAML: "shop.client.read-timeout: ${READ}\n"}, "environment variable READ @ 5"),
    ],
)
def test_classes_that_properties_fill(files: dict[str, str], expected: str) -> None:
    folder = "app/src/main/java/a"
    found = read({f"{folder}/Conf.java": USE, f"{folder}/ClientProperties.java": PROPERTIES, **files})
    assert timeout(found) == expected


def test_members_that_annotations_fill() -> None:
    text = 'package a;\n@Component\nclass ClientProperties {\n  @Value("${x:4s}") private Duration readTimeout;\n}\n'
    assert timeout(read({"a/Conf.java": USE, "a/ClientProperties.java": text})) == "4s @ 5"


def test_a_member_nobody_fills_is_not_known() -> None:
    text = "package a;\nclass ClientProperties {\n  private Duration readTimeout;\n}\n"
    assert (
        timeout(read({"a/Conf.java": USE, "a/ClientProperties.java": text}))
        == "computed by properties.getReadTimeout() @ 5"
    )


def test_kotlin_reads_members_by_name() -> None:
    use = "import okhttp3.OkHttpClient\nclass Conf(private val limits: Limits) {\n  val c = OkHttpClient.Builder().readTimeout(limits.read).build()\n}\n"
    text = '@ConfigurationProperties("shop")\nclass Limits {\n  var read: Duration = Duration.ofSeconds(8)\n}\n'
    found = read({"a/Conf.kt": use, "a/Limits.kt": text})
    assert [s.text for s in found.settings["readTimeout"]] == ["8s"]
