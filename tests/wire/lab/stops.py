"""Servers that work for a while on each request, and how each of them is told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tochain.reproduce.programs import Program, Setup, find
from tochain.reproduce.servers import SERVERS

# Every server works as many milliseconds as the path says.
WSGI = """\
import time
def app(environ, start_response):
    time.sleep(int(environ["PATH_INFO"].strip("/") or 0) / 1000)
    start_response("200 OK", [("Content-Length", "3")])
    return [b"ok\\n"]
"""
ASGI = """\
import asyncio
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await asyncio.sleep(int(scope["path"].strip("/") or 0) / 1000)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"ok\\n"})
"""
NODE = """\
const server = require("http").createServer((request, response) =>
  setTimeout(() => response.end("ok\\n"), Number(request.url.slice(1) || 0)));
server.listen(PORT, "127.0.0.1");
"""
NODE_CLOSES = NODE + 'process.on("SIGTERM", () => server.close());\n'
GO = """\
package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	answer := func(w http.ResponseWriter, r *http.Request) {
		work, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
		time.Sleep(time.Duration(work) * time.Millisecond)
		io.WriteString(w, "ok\\n")
	}
	s := &http.Server{Addr: "127.0.0.1:PORT", Handler: http.HandlerFunc(answer)}
	go s.ListenAndServe()
	told := make(chan os.Signal, 1)
	if CLOSES {
		signal.Notify(told, syscall.SIGTERM)
	}
	<-told
	s.Shutdown(context.Background())
}
"""
PUMA = """\
app do |env|
  sleep env["PATH_INFO"].delete("/").to_i / 1000.0
  [200, {"content-length" => "3"}, ["ok\\n"]]
end
"""
UNICORN = """\
run lambda { |env|
  sleep env["PATH_INFO"].delete("/").to_i / 1000.0
  [200, {"content-length" => "3"}, ["ok\\n"]]
}
"""
NGINX = """\
daemon off; pid {port}.pid; error_log stderr info;
events {{ worker_connections 512; }}
http {{
  access_log {port}-access.log; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u;
  scgi_temp_path s; keepalive_timeout 60s;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{behind}; }} }}
}}
"""

AT_ONCE = "60"
"""How many requests a server works on at the same time."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A server and the signal that ends it; what the facts call this way of ending is `how`."""

    program: Program
    word: signal.Signals = signal.SIGTERM
    how: str = ""
    behind: bool = False

    @property
    def own(self) -> Program:
        """The program it takes: what starts it may be another one."""
        return SERVERS.get(self.program.product, self.program)


def _gunicorn(setup: Setup) -> Sequence[str]:
    (setup.folder / "slow_wsgi.py").write_text(WSGI)
    workers = ["-k", "gthread", "--threads", AT_ONCE, "--keep-alive", "60"]
    return ["-b", f"127.0.0.1:{setup.port}", *workers, "slow_wsgi:app"]


def _uvicorn(setup: Setup) -> Sequence[str]:
    (setup.folder / "slow_asgi.py").write_text(ASGI)
    place = ["--host", "127.0.0.1", "--port", str(setup.port), "--app-dir", str(setup.folder)]
    return [*place, "--timeout-keep-alive", "60", "slow_asgi:app"]


def _hypercorn(setup: Setup) -> Sequence[str]:
    (setup.folder / "slow_asgi.py").write_text(ASGI)
    return ["-b", f"127.0.0.1:{setup.port}", "--keep-alive", "60", "slow_asgi:app"]


def _node(text: str):
    def prepare(setup: Setup) -> Sequence[str]:
        path = setup.folder / f"slow-{setup.port}.js"
        path.write_text(text.replace("PORT", str(setup.port)))
        return [str(path)]

    return prepare


def _go(closes: str):
    """Built first: `go run` is a process of its own, which the signal would reach instead."""

    def prepare(setup: Setup) -> Sequence[str]:
        path, made = setup.folder / f"slow-{setup.port}.go", setup.folder / f"slow-{setup.port}"
        path.write_text(GO.replace("PORT", str(setup.port)).replace("CLOSES", closes))
        cache = {"GOCACHE": str(setup.folder / "made"), "GOPATH": str(setup.folder / "made")}
        words = [find(SERVERS["go-net-http"]), "build", "-o", str(made), str(path)]
        subprocess.run(words, check=True, capture_output=True, timeout=300, env={**os.environ, **cache})
        return [str(made)]

    return replace(SERVERS["go-net-http"], names=("env",), prepare=prepare, writes=())


def _puma(setup: Setup) -> Sequence[str]:
    path = setup.folder / f"slow-{setup.port}.rb"
    path.write_text(f'bind "tcp://127.0.0.1:{setup.port}"\nthreads 0, {AT_ONCE}\npersistent_timeout 60\n{PUMA}')
    return ["-C", str(path)]


def _unicorn(setup: Setup) -> Sequence[str]:
    app, path = setup.folder / "slow.ru", setup.folder / f"unicorn-{setup.port}.rb"
    app.write_text(UNICORN)
    path.write_text(f'worker_processes 20\nlisten "127.0.0.1:{setup.port}"\nworking_directory "{setup.folder}"\n')
    return ["-c", str(path), "-E", "none", str(app)]


def _nginx(setup: Setup) -> Sequence[str]:
    path = setup.folder / f"{setup.port}.conf"
    path.write_text(NGINX.format(port=setup.port, behind=setup.lanes[0]))
    return ["-p", str(setup.folder), "-c", str(path), "-e", "stderr"]


UNICORN_PROGRAM = Program("unicorn", ("unicorn",), "unicorn", ("--version",), _unicorn)
_OWN_NGINX = replace(SERVERS["nginx"], prepare=_nginx)

STOPS = {
    "gunicorn": Stop(replace(SERVERS["gunicorn"], prepare=_gunicorn)),
    "uvicorn": Stop(replace(SERVERS["uvicorn"], prepare=_uvicorn)),
    "hypercorn": Stop(replace(SERVERS["hypercorn"], prepare=_hypercorn)),
    "node": Stop(replace(SERVERS["nodejs-http"], prepare=_node(NODE)), how="without a handler"),
    "node server.close": Stop(replace(SERVERS["nodejs-http"], prepare=_node(NODE_CLOSES)), how="server.close()"),
    "go": Stop(_go("false"), how="without a handler"),
    "go Shutdown": Stop(_go("true"), how="Server.Shutdown"),
    "puma": Stop(replace(SERVERS["puma"], prepare=_puma)),
    "unicorn": Stop(UNICORN_PROGRAM),
    "unicorn QUIT": Stop(UNICORN_PROGRAM, signal.SIGQUIT),
    "nginx": Stop(_OWN_NGINX, behind=True),
    "nginx QUIT": Stop(_OWN_NGINX, signal.SIGQUIT, behind=True),
}
"""By name, which ends with what ends it where that is not SIGTERM to a program as it is."""
