"""Constants that source code takes from the files beside it: by language, with their places, or honestly unknown."""

from __future__ import annotations

import pytest

from tests.products.test_code import read
from tests.products.texts import settings
from tochain.formats.code import parse
from tochain.model.span import SourceFile
from tochain.products.codemodules import Modules
from tochain.products.imports import origins

JS = 'import http from "http";\n{}\nconst s = http.createServer(app);\ns.keepAliveTimeout = {};\ns.listen(80);\n'
PY = "import httpx\n{}\nc = httpx.Client(timeout={})\n"
GO = 'package main\nimport (\n "net/http"\n {}\n)\nvar s = http.Server{{IdleTimeout: {}}}\n'
JAVA = "package a.http;\nimport okhttp3.OkHttpClient;\n{}\nclass Api {{ Object c = new OkHttpClient.Builder().readTimeout({}).build(); }}\n"
CS = "using System.Net.Http;\nclass A {{ HttpClient c = new() {{ Timeout = {} }}; }}\n"
RB = 'require "net/http"\nh = Net::HTTP.new("a", 80)\nh.read_timeout = {}\n'
RS = "use reqwest::Client;\n{}\nfn f() {{ Client::builder().timeout({}).build(); }}\n"


def value(files: dict[str, str], setting: str) -> str:
    """The one value of a setting, or the reason why it is not known."""
    (component,) = read(files)
    (found,) = [s for name, all_ in component.settings.items() if name == setting for s in all_]
    return str(getattr(found.limit, "reason", "")) if found.limit is not None else found.text


@pytest.mark.parametrize(
    ("own", "name", "others", "expected"),
    [
        ('import { KEEP } from "./limits";', "KEEP", {"src/limits.ts": "export const KEEP = 65 * 1000;"}, "65000"),
        ('import { KEEP as K } from "./limits.js";', "K", {"src/limits.ts": "export const KEEP = 65e3;"}, "65000"),
        ('import limits from "./limits";', "limits.http.keep", {"src/limits/index.js": "export default { http: { keep: 7000 } };"}, "7000"),
        ('import limits from "./limits";', "limits.keep", {"src/limits.js": "const limits = { keep: 7000 };\nexport default limits;"}, "7000"),
        ('import * as limits from "./limits";', "limits.KEEP", {"src/limits.js": "export const KEEP = 7000;"}, "7000"),
        ('const limits = require("./limits");', "limits.keep", {"src/limits.js": "module.exports = { keep: 7000 };"}, "7000"),
        ('const limits = require("./limits");', "limits.keep", {"src/limits.js": "exports.keep = 7000;"}, "7000"),
        ('const { keep } = require("../limits");', "keep", {"limits.js": "const keep = 7000;\nmodule.exports = { keep };"}, "7000"),
        ('import { KEEP } from "@/limits";', "KEEP", {"src/limits.ts": "export const KEEP = 7000;"}, "7000"),
        ('import { KEEP } from "./all";', "KEEP", {"src/all.ts": 'export { KEEP } from "./limits";', "src/limits.ts": "export const KEEP = 7000;"}, "7000"),
        ('import { T } from "./t";', "T.KEEP", {"src/t.ts": "export class T { static readonly KEEP = 7000; }"}, "7000"),
        ('import limits from "./limits";', "limits.keep", {"src/limits.js": "export default Object.freeze({ keep: 7000 });"}, "7000"),
        ('import { KEEP } from "./limits";', "KEEP", {"src/limits.ts": "export const KEEP = +process.env.KEEP || 7000;"}, "7000"),
        ('import { KEEP } from "limits";', "KEEP", {"limits.js": "export const KEEP = 7000;"}, "KEEP is set elsewhere"),
        ('import { KEEP } from "./limits";', "KEEP", {"src/limits.ts": "export let KEEP = 1;\nKEEP = 2;"}, "KEEP is set elsewhere"),
        ('import { KEEP } from "./limits";', "KEEP", {"src/limits.ts": 'import { KEEP } from "./server";\nexport { KEEP };'}, "KEEP is set elsewhere"),
        ('import { KEEP } from "../../etc/limits";', "KEEP", {}, "KEEP is set elsewhere"),
        ('import limits from "./limits";', "limits.keep", {"src/limits.js": "export default load();"}, "limits.keep is set elsewhere"),
    ],
)  # fmt: skip
def test_javascript(own: str, name: str, others: dict[str, str], expected: str) -> None:
    assert value({"src/server.ts": JS.format(own, name), **others}, "server.keepAliveTimeout") == expected


@pytest.mark.parametrize(
    ("own", "name", "others", "expected"),
    [
        ("from .limits import READ", "READ", {"app/limits.py": "READ = 2 * 6"}, "12"),
        ("from . import limits", "limits.READ", {"app/limits.py": "READ = 12"}, "12"),
        ("from ..limits import READ as R", "R", {"limits.py": "READ = 12"}, "12"),
        ("from app.limits import READ", "READ", {"app/limits.py": "READ = 12"}, "12"),
        ("import app.limits", "app.limits.READ", {"app/limits.py": "READ = 12"}, "12"),
        ("import limits as l", "l.READ", {"limits.py": "READ = 12"}, "12"),
        ("from app.conf import settings", "settings.read", {"app/conf/__init__.py": "class S:\n  read = 12\nsettings = S()"}, "12"),
        ("from app.conf import settings", 'settings["read"]', {"app/conf.py": "settings = {'read': 12}"}, "12"),
        ("from app.conf import settings", "settings.read", {"app/conf.py": "class S(BaseSettings):\n  read: int = 12\nsettings = S()"}, "12"),
        ("from app.conf import settings", "settings.read", {"app/conf.py": "class S:\n  def __init__(self):\n    self.read = 1\nsettings = S()"}, "settings.read is set elsewhere"),
        ("from app.conf import get", "get().read", {"app/conf.py": "class S:\n  read = 12\ndef get():\n  return S()"}, "not a constant"),
        ("from app.conf import READ", "READ", {"app/conf.py": "READ = 1\nif x:\n  READ = 2"}, "READ is set elsewhere"),
        ("from django.conf import settings", "settings.READ", {"app/settings.py": "READ = 12"}, "settings.READ is set elsewhere"),
    ],
)  # fmt: skip
def test_python(own: str, name: str, others: dict[str, str], expected: str) -> None:
    assert value({"app/client.py": PY.format(own, name), **others}, "Timeout.read") == expected


def test_settings_class_reads_the_environment_of_its_program() -> None:
    from tests.products.test_code import built

    files = {
        "app/client.py": PY.format("from conf import settings", "settings.read"),
        "app/conf.py": "class S(BaseSettings):\n  model_config = SettingsConfigDict(env_prefix='API_')\n"
        "  read: int = Field(default=12)\nsettings = S()\n",
    }
    (found,) = read(files, built("web", "app", 80, API_READ="33"))
    assert [s.text for s in found.settings["Timeout.read"]] == ["33"]


@pytest.mark.parametrize(
    ("path", "text", "setting", "others", "expected"),
    [
        ("a/main.go", GO.format("", "idle"), "Server.IdleTimeout", {"a/limits.go": "package main\nconst idle = 75 * time.Second"}, "75s"),
        ("a/main.go", GO.format("", "idle"), "Server.IdleTimeout", {"b/limits.go": "package main\nconst idle = 75 * time.Second"}, "idle is set elsewhere"),
        (
            "cmd/main.go", GO.format('"x.org/y/conf"', "conf.Idle"), "Server.IdleTimeout",
            {"go.mod": "module x.org/y\n", "conf/c.go": "package conf\nvar Idle = 75 * time.Second"}, "75s",
        ),
        (
            "cmd/main.go", GO.format('c "x.org/y/conf"', "c.Default.Idle"), "Server.IdleTimeout",
            {"go.mod": "module x.org/y\n", "conf/c.go": "package conf\nvar Default = Limits{Idle: 75 * time.Second}"}, "75s",
        ),
        (
            "cmd/main.go", GO.format('"other.org/conf"', "conf.Idle"), "Server.IdleTimeout",
            {"go.mod": "module x.org/y\n", "conf/c.go": "package conf\nvar Idle = 75 * time.Second"}, "conf.Idle is set elsewhere",
        ),
        (
            "src/a/http/Api.java", JAVA.format("import a.Limits;", "Limits.READ"), "readTimeout",
            {"src/a/Limits.java": "class Limits { static final Duration READ = Duration.ofSeconds(17); }"}, "17s",
        ),
        (
            "src/a/http/Api.java", JAVA.format("import static a.Limits.READ;", "READ"), "readTimeout",
            {"src/a/Limits.java": "class Limits { static final Duration READ = Duration.ofSeconds(17); }"}, "17s",
        ),
        (
            "src/a/http/Api.java", JAVA.format("", "Limits.READ"), "readTimeout",
            {"src/a/Limits.java": "class Limits { static final Duration READ = Duration.ofSeconds(17); }"}, "Limits.READ is set elsewhere",
        ),
        ("A.cs", CS.format("Limits.Api"), "HttpClient.Timeout", {"L.cs": "static class Limits { public static readonly TimeSpan Api = TimeSpan.FromSeconds(25); }"}, "25s"),
        ("A.cs", CS.format("TimeSpan.FromSeconds(Limits.Api)"), "HttpClient.Timeout", {"L.cs": "class Limits { public const int Api = 25; }"}, "25s"),
        (
            "A.cs", CS.format("Limits.Api"), "HttpClient.Timeout",
            {"L.cs": "class Limits { const int Api = 25; }", "M.cs": "class Limits { const int Api = 26; }"}, "Limits.Api is set elsewhere",
        ),
        ("lib/a.rb", RB.format("Limits::READ"), "read_timeout", {"lib/limits.rb": "module Limits\n  READ = 14\nend\n"}, "14"),
        ("src/main.rs", RS.format("use crate::limits::READ;", "READ"), "timeout", {"src/limits.rs": "pub const READ: Duration = Duration::from_secs(9);"}, "9s"),
        ("src/main.rs", RS.format("mod limits;", "limits::READ"), "timeout", {"src/limits/mod.rs": "pub const READ: Duration = Duration::from_secs(9);"}, "9s"),
    ],
)  # fmt: skip
def test_other_languages(path: str, text: str, setting: str, others: dict[str, str], expected: str) -> None:
    assert value({path: text, **others}, setting) == expected


def test_table_from_another_file_keeps_its_places() -> None:
    files = {
        "src/db.js": 'import { Pool } from "pg";\nimport { db } from "./conf";\nexport const pool = new Pool(db);\n',
        "src/conf.js": "export const db = {\n  host: 'pg', port: 5432,\n  idleTimeoutMillis: 30_000,\n};\n",
    }
    (found,) = read(files)
    assert settings(found.settings) == ["idleTimeoutMillis = 30000 @ 3:3-28"]
    assert [str(s.span.path) for s in found.settings["idleTimeoutMillis"]] == ["src/conf.js"]
    assert [str(link.target) for link in found.links] == ["pg:5432"]


def test_parameter_hides_the_name_of_the_file() -> None:
    text = "import httpx\nread = 5\ndef f(read):\n    return httpx.Client(timeout=read)\n"
    assert value({"a.py": text}, "Timeout.read") == "parameter read"


def test_modules_that_lead_in_circles_end() -> None:
    files = {f"m{at}.js": f'import {{ A }} from "./m{(at + 1) % 3}";\nexport const B = A + A;\n' for at in range(3)}
    sources = [SourceFile(path, text) for path, text in files.items()]
    code = parse(sources[0])
    assert code is not None
    evaluator = Modules(sources, lambda path: None).evaluator(code, {})
    (binding,) = [b for b in code.bindings if b.path == "B"]
    assert evaluator.value(binding.value).reason == "A is set elsewhere"


@pytest.mark.parametrize(
    ("family", "text", "expected"),
    [
        ("js", 'import a, { b as c } from "./m"; import * as d from "n";', {"a": ("./m", "default"), "c": ("./m", "b"), "d": ("n", "")}),
        ("js", 'const { a, b: c } = require("./m"); const d = require("n").D;', {"a": ("./m", "a"), "c": ("./m", "b"), "d": ("n", "D")}),
        ("python", "from .m import (a,\n b as c)\nimport d.e, f as g\n", {"a": (".m", "a"), "c": (".m", "b"), "d.e": ("d.e", ""), "g": ("f", "")}),
        ("go", 'import (\n "a.org/b"\n c "a.org/d"\n)', {"b": ("a.org/b", ""), "c": ("a.org/d", "")}),
        ("java", "import a.B;\nimport static a.B.C;", {"B": ("a.B", ""), "C": ("a.B", "C")}),
        ("kotlin", "import a.B as D\n", {"D": ("a.B", "")}),
        ("rust", "use crate::a::{B, C as D};\npub use e::F;", {"B": ("crate.a", "B"), "D": ("crate.a", "C"), "F": ("e", "F")}),
        ("ruby", 'require "a"', {}),
    ],
)  # fmt: skip
def test_origins(family: str, text: str, expected: dict[str, tuple[str, str]]) -> None:
    assert origins(family, text) == expected


def test_go_looks_only_into_files_that_declare_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that every file of a package mentions and none declares is given up at once."""
    opened: list[str] = []

    def counted(source: SourceFile) -> object:
        opened.append(source.path)
        return parse(source)

    files = {f"m/f{at}.go": f"package main\nfunc f{at}() {{ use(limit) }}\n" for at in range(30)}
    files["m/main.go"] = GO.format("", "limit")
    monkeypatch.setattr("tochain.products.codemodules.source_code.parse", counted)
    assert value(files, "Server.IdleTimeout") == "limit is set elsewhere"
    assert opened == ["m/main.go"]
