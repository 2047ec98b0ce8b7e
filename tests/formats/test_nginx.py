"""nginx text to trees: equal to crossplane's on well-formed text, and as much as possible of broken text."""

from __future__ import annotations

import crossplane
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.formats.nginx import Directive, parse
from tochain.formats.nginx_table import allowed, is_known, is_leaf, most_args, nearest
from tochain.model.span import SourceFile

WHOLE = """\
# the front
user  www-data;   # who
worker_processes auto;

events { worker_connections 1024; }

http {
    log_format main '$remote_addr - "$request" '
                    '$status {"a": 1}';
    map $http_upgrade $connection {
        default  upgrade;
        ''       close;
    }
    upstream app {
        least_conn;
        server 10.0.0.1:8000 max_fails=3 fail_timeout=30s;
        server unix:/run/app.sock backup;
        keepalive 16;
    }
    server {
        listen 443 ssl;
        server_name example.com
                    www.example.com;
        if ($request_method = POST) { return 405; }
        location ~ ^/(a|b)\\.php$ {
            fastcgi_param SCRIPT "$document_root${uri}x";
            fastcgi_pass unix:/run/php.sock;
        }
        location = /quoted { return 200 'it is'; }
        location "/a b" { add_header X-A "say \\"hi\\""; proxy_pass http://app/#frag; }
        location / { proxy_set_header Connection ""; proxy_read_timeout 1h30m; proxy_pass http://app; }
    }
}
"""


def tree(text: str, path: str = "nginx.conf"):
    return parse(SourceFile(path, text))


def lines(directives: list[Directive], depth: int = 0) -> list[str]:
    """The tree as lines: name, arguments, place; a block's content indented."""
    out = []
    for d in directives:
        out.append(f"{'  ' * depth}{d.name} {list(d.texts)} {d.span.start.line}:{d.span.start.column}")
        out += lines(d.block or [], depth + 1)
    return out


def told(text: str, path: str = "nginx.conf") -> list[str]:
    return [f"{p.span.start.line}:{p.span.start.column} {p.status} {p.message}" for p in tree(text, path).problems]


def without_parentheses(line: str) -> str:
    """crossplane takes the parentheses of `if` away."""
    return (
        line.replace("'(", "'").replace(", ')']", "]").replace(")']", "']") if line.lstrip().startswith("if ") else line
    )


def oracle(text: str, tmp_path) -> list[str]:
    path = tmp_path / "nginx.conf"
    path.write_text(text)
    payload = crossplane.parse(str(path), combine=False, check_ctx=False, check_args=False, single=True)
    assert payload["errors"] == []

    def walk(nodes, depth):
        out = []
        for node in nodes:
            if node["directive"] == "#":
                continue  # a comment between arguments
            out.append(f"{'  ' * depth}{node['directive']} {node['args']} {node['line']}")
            out += walk(node.get("block", []), depth + 1)
        return out

    return walk(payload["config"][0]["parsed"], 0)


OTHERS = [
    "a;",
    "a b c;d e;\n\n\nf{g h;}i;",
    "events{}\nhttp{server{listen 80;location /{return 200;}}}",
    "server { location ~* \\.(js|css)$ { expires 1y; } }",
    'a "x y" \'z w\' "";\n',
    "a 'it\\'s' \"q\\\"q\";\n",
    "a b\\ c d\\;e;\n",
    "a ${b}c $d;\n",
    'if ($a ~ "x{2}") { set $b ${c}d; }\n',
    "a b#c; # d { e\nf;\n",
    "a # one\n  b # two\n  c;\n",
    'include a*.conf; include "b c.conf";\n',
    "map $a $b { default 0; ~^x{1} 2; }\n".replace("{1}", ""),
    'content_by_lua_block { local t = { a = 1 } -- }\n  ngx.say("}") }\nb;\n',
    "types { text/html html htm; }\r\nserver {\r\n listen 80;\r\n}\r\n",
]


@pytest.mark.parametrize("text", [WHOLE, *OTHERS])
def test_trees_are_those_of_crossplane(text, tmp_path):
    mine = [without_parentheses(line.rpartition(":")[0]) for line in lines(tree(text).directives)]
    assert mine == oracle(text, tmp_path)
    assert told(text) == []


def test_every_name_and_argument_knows_its_place():
    source = SourceFile("n.conf", 'http {\n  keepalive_timeout 65 60;\n  add_header A "b c" always;\n}\n')
    (http,) = parse(source).directives
    timeout, header = http.block
    assert [str(d.span) + f"-{d.span.end.line}:{d.span.end.column}" for d in (http, timeout, header)] == [
        "n.conf:1:1-1:5",
        "n.conf:2:3-2:27",
        "n.conf:3:3-3:29",
    ]
    assert [(a.text, a.quoted, source.slice(a.span)) for a in (*timeout.args, *header.args)] == [
        ("65", False, "65"),
        ("60", False, "60"),
        ("A", False, "A"),
        ("b c", True, '"b c"'),
        ("always", False, "always"),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_name():
    assert lines(tree("\ufeffuser x;\n").directives) == ["user ['x'] 1:2"]


BROKEN = {
    "a brace never closed": (
        "http {\n  server {\n    location / {\n      proxy_pass http://a;\n  }\n  server {\n    listen 81;\n  }\n}\n",
        ['3:16 failed "{" of location is not closed; expected "}" before line 5'],
        [
            "http [] 1:1",
            "  server [] 2:3",
            "    location ['/'] 3:5",
            "      proxy_pass ['http://a'] 4:7",
            "  server [] 6:3",
            "    listen ['81'] 7:5",
        ],
    ),
    "a brace never closed without indentation": (
        "server {\nlisten 80;\nlocation / {\nproxy_pass http://a;\n}\nserver {\nlisten 81;\n}\n",
        ['1:8 failed "{" of server is not closed; expected "}" before line 6'],
        [
            "server [] 1:1",
            "  listen ['80'] 2:1",
            "  location ['/'] 3:1",
            "    proxy_pass ['http://a'] 4:1",
            "server [] 6:1",
            "  listen ['81'] 7:1",
        ],
    ),
    "a brace too many": (
        "http {\n  server { listen 80; } }\n}\nserver { listen 81; }\n",
        ['3:1 failed unexpected "}": no block is open here'],
        ["http [] 1:1", "  server [] 2:3", "    listen ['80'] 2:12", "server [] 4:1", "  listen ['81'] 4:10"],
    ),
    "no semicolon before a block": (
        "http {\n  keepalive_timeout 10s\n  server {\n    listen 80;\n  }\n}\n",
        ['2:24 failed expected ";" after keepalive_timeout, got server on the next line'],
        ["http [] 1:1", "  keepalive_timeout ['10s'] 2:3", "  server [] 3:3", "    listen ['80'] 4:5"],
    ),
    "no semicolon before a directive": (
        "server {\n  proxy_read_timeout 5s\n  proxy_send_timeout 6s;\n  listen 80;\n}\n",
        ['2:24 failed expected ";" after proxy_read_timeout, got proxy_send_timeout on the next line'],
        ["server [] 1:1", "  proxy_read_timeout ['5s'] 2:3", "  proxy_send_timeout ['6s'] 3:3", "  listen ['80'] 4:3"],
    ),
    "no semicolon before the end of the block": (
        "location / { proxy_pass http://a }\nserver { listen 80; }\n",
        ['1:33 failed expected ";" after proxy_pass before "}"'],
        ["location ['/'] 1:1", "  proxy_pass ['http://a'] 1:14", "server [] 2:1", "  listen ['80'] 2:10"],
    ),
    "a list without its semicolon": (
        "location / {\n  proxy_next_upstream error timeout\n  proxy_read_timeout 5s;\n}\n",
        ['2:36 failed expected ";" after proxy_next_upstream, got proxy_read_timeout on the next line'],
        ["location ['/'] 1:1", "  proxy_next_upstream ['error', 'timeout'] 2:3", "  proxy_read_timeout ['5s'] 3:3"],
    ),
    "a leaf with a block": (
        "http { keepalive_timeout 10s { listen 80; } send_timeout 5s; }\n",
        ['1:30 failed keepalive_timeout has no block; expected ";" after it'],
        ["http [] 1:1", "  keepalive_timeout ['10s'] 1:8", "    listen ['80'] 1:32", "  send_timeout ['5s'] 1:45"],
    ),
    "a quote never closed": (
        'http {\n  add_header X "abc;\n  keepalive_timeout 5s;\n}\n',
        ['2:16 failed expected a closing " for the quote opened here'],
        ["http [] 1:1", "  add_header ['X', 'abc'] 2:3", "  keepalive_timeout ['5s'] 3:3"],
    ),
    "a quote closed by the next one": (
        'http {\n  add_header X "abc;\n  add_header Y "d";\n  send_timeout 5s;\n}\n',
        ['2:16 failed expected a closing " for the quote opened here'],
        ["http [] 1:1", "  add_header ['X', 'abc'] 2:3", "  add_header ['Y', 'd'] 3:3", "  send_timeout ['5s'] 4:3"],
    ),
    "text behind a closing quote": (
        'a "b"c;\n',
        ["1:6 failed unexpected 'c' behind a closing quote; expected white space, \";\" or \"{\""],
        ["a ['b', 'c'] 1:1"],
    ),
    "a stray semicolon": ("a;;\nb;\n", ['1:3 failed unexpected ";": expected the name of a directive'], ["a [] 1:1", "b [] 2:1"]),
    "the end in the middle of a word": (
        "user x;\nkeepalive_timeout 1",
        ['2:1 failed keepalive_timeout is cut off: expected ";" or "{" before the end of the file'],
        ["user ['x'] 1:1"],
    ),
    "the last semicolon missing": (
        "user x;\nkeepalive_timeout 10s\n",
        ['2:1 failed keepalive_timeout is cut off: expected ";" or "{" before the end of the file'],
        ["user ['x'] 1:1", "keepalive_timeout ['10s'] 2:1"],
    ),
    "Lua never closed": (
        "a;\ncontent_by_lua_block { if x then {\nb;\n",
        ['2:22 failed "{" of content_by_lua_block is never closed; expected "}" after its Lua code'],
        ["a [] 1:1", "content_by_lua_block [' if x then {\\nb;\\n'] 2:1"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_told_at_its_place_and_costs_little(name):
    text, problems, expected = BROKEN[name]
    assert told(text) == problems
    assert lines(tree(text).directives) == expected


def test_many_names_on_several_lines_are_no_missing_semicolon():
    text = "server {\n  server_name a.example\n    root\n    index;\n}\n"
    assert told(text) == []
    assert tree(text).directives[0].block[0].texts == ("a.example", "root", "index")


TEMPLATES = {
    "jinja": (
        "{% if tls %}\nserver {\n  listen {{ port }};\n  {% for n in names %}\n  server_name {{ n }};\n  {% endfor %}\n}\n{% endif %}\n",
        ["server [] 2:1", "  listen ['{{ port }}'] 3:3", "  server_name ['{{ n }}'] 5:3"],
    ),
    "go": (
        "{{ range $s := .Servers }}\nserver {\n  listen {{ $s.Port }} {{ if .Tls }}ssl{{ end }};\n  proxy_read_timeout {{ $s.T }}s;\n}\n{{ end }}\n",
        ["server [] 2:1", "  listen ['{{ $s.Port }}', 'ssl'] 3:3", "  proxy_read_timeout ['{{ $s.T }}s'] 4:3"],
    ),
    "erb": (
        '<% @a.each do |x| -%>\nserver { listen <%= x["p"] %>; }\n<% end -%>\n',
        ["server [] 2:1", "  listen ['<%= x[\"p\"] %>'] 2:10"],
    ),
    "braces": ("index {INDEX_FILE} index.php;\n", ["index ['{INDEX_FILE}', 'index.php'] 1:1"]),
}


@pytest.mark.parametrize("kind", TEMPLATES)
def test_templates_keep_their_values_as_words(kind):
    text, expected = TEMPLATES[kind]
    read = tree(text)
    assert lines(read.directives) == expected
    assert [(p.message, p.status) for p in read.problems] == [
        ("a template: what it fills in later is not known", "partly")
    ]


def test_lua_tables_are_no_template():
    text = "init_by_lua_block { local t = {{1, 2}, {3}} }\na b;\n"
    assert told(text) == []
    assert tree(text).directives[1].texts == ("b",)


def test_a_dump_falls_into_its_files():
    text = (
        "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n"
        "# configuration file /etc/nginx/nginx.conf:\nhttp {\n  include conf.d/*.conf;\n}\n\n"
        "# configuration file /etc/nginx/conf.d/a.conf:\nserver { listen 80; }\n"
    )
    read = tree(text)
    assert {path: lines(part) for path, part in read.parts.items()} == {
        "/etc/nginx/nginx.conf": ["http [] 3:1", "  include ['conf.d/*.conf'] 4:3"],
        "/etc/nginx/conf.d/a.conf": ["server [] 8:1", "  listen ['80'] 8:10"],
    }
    assert read.directives is read.parts["/etc/nginx/nginx.conf"]


def test_ten_thousand_blocks_inside_one_another():
    text = "location / {\n" * 10_000 + "}\n" * 10_000
    read = tree(text)
    depth, block = 0, read.directives
    while block:
        depth, block = depth + 1, block[0].block
    assert depth == 10_000
    assert read.problems == []


def test_ten_thousand_blocks_never_closed():
    read = tree("location / {\n" * 10_000)
    assert len(read.problems) == 201
    assert read.problems[-1].message == "and 9800 more faults in this file"
    assert {p.status for p in read.problems} == {"failed"}


@pytest.mark.parametrize("at", range(len(WHOLE) + 1))
def test_every_prefix_can_be_read(at):
    read = tree(WHOLE[:at])
    kept = lines(read.directives)
    whole = lines(tree(WHOLE).directives)
    # What was complete before the cut is there, in the same order.
    assert [line for line in kept if line in whole] == [line for line in whole if line in kept]


PIECES = st.sampled_from(
    [*"{};\"'\\# \n\t$", "${", "}}", "{{", "{%", "%}", "server", "location /", "keepalive_timeout 5s", "proxy_pass http://a",
     "x_by_lua_block", "--[[", "]]", "\ufeff", "# configuration file /a:\n", "é", "\r\n", "upstream a"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_no_text_raises(text):
    read = tree(text)
    source = SourceFile("nginx.conf", text)
    work = [*read.directives, *(d for part in read.parts.values() for d in part)]
    while work:
        directive = work.pop()
        work += directive.block or []
        assert directive.source.slice(directive.span)
        assert [arg.text for arg in directive.args] == list(directive.texts)
    for problem in read.problems:
        assert 1 <= problem.span.start.line <= source.line_count


WORDS = st.text("abc$_/.:-~^*=", min_size=1, max_size=6).filter(lambda w: not w.startswith("$") or len(w) > 1)
LEAVES = st.tuples(st.text("abcxyz_", min_size=1, max_size=8), st.lists(WORDS, max_size=4))


@given(st.recursive(LEAVES, lambda inner: st.tuples(st.just("block"), st.lists(inner, max_size=4)), max_leaves=20))
def test_what_is_written_is_read_back(shape):
    def write(node):
        name, rest = node
        if name == "block":
            return "block {" + " ".join(write(inner) for inner in rest) + "}"
        return " ".join([name, *rest]) + ";"

    def read(directive):
        if directive.block is not None:
            return ("block", [read(inner) for inner in directive.block])
        return (directive.name, list(directive.texts))

    got = tree(write(shape))
    assert got.problems == []
    assert [read(d) for d in got.directives] == [shape]


@pytest.mark.parametrize(
    ("name", "known", "leaf", "most"),
    [
        ("keepalive_timeout", True, True, 2),
        ("keepalive_min_timeout", True, False, 1000),
        ("server_name", True, True, 1000),
        ("server", True, False, 1000),
        ("location", True, False, 2),
        ("more_set_headers", True, False, 1000),
        ("keepalive_timout", False, False, 1000),
    ],
)
def test_the_table_of_directives(name, known, leaf, most):
    assert (is_known(name), is_leaf(name), most_args(name)) == (known, leaf, most)


def test_where_directives_may_stand():
    assert allowed("client_header_timeout", ("http", "server")) is True
    assert allowed("client_header_timeout", ("http", "location")) is False
    assert allowed("keepalive_min_timeout", ("http", "location")) is None
    assert nearest("keepalive_timout") == "keepalive_timeout"
    assert nearest("nothing_like_it_at_all") == ""
