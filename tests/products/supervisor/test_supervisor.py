"""supervisord.conf: programs as workloads with their commands, variables and time to stop."""

from __future__ import annotations

from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.supervisor.extract import read

TEXT = """\
[supervisord]
nodaemon = true
[program:web]
command = /usr/bin/env gunicorn app:app --keep-alive 75
environment = PORT="8000",A=1
stopwaitsecs = 40
[program:nginx]
command = /usr/sbin/%(program_name)s -g "daemon off;"
[group:all]
programs = web,nginx
"""


def test_programs():
    reports: dict[str, FileReport] = {}
    files = Files({}, reports, {"app/supervisord.conf": TEXT})
    context = Context("supervisor", [SourceFile("app/supervisord.conf", TEXT)], (), reports, files, {}, files.text)
    web, nginx = read(context).workloads
    assert (web.key, web.name, web.scope, web.platform) == (
        "supervisor:app/supervisord.conf#web",
        "web",
        "dir:app",
        "supervisor",
    )
    assert [(w.text, str(w.span)) for w in web.command] == [
        ("gunicorn", "app/supervisord.conf:4:24"), ("app:app", "app/supervisord.conf:4:33"),
        ("--keep-alive", "app/supervisord.conf:4:41"), ("75", "app/supervisord.conf:4:54"),
    ]  # fmt: skip
    assert {name: word.text for name, word in web.env.items()} == {"PORT": "8000", "A": "1"}
    assert [(s.name, s.text, s.span.start.line) for group in web.settings.values() for s in group] == [
        ("stopwaitsecs", "40", 6)
    ]
    assert [w.text for w in nginx.command] == ["/usr/sbin/nginx", "-g", "daemon off;"]
    assert reports["app/supervisord.conf"].status == "understood"
