"""Source code to components: which servers and clients, with which settings, links and places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.products.texts import facts, links, settings, workload
from tochain.discover import Files
from tochain.model.component import Component, Word, Workload
from tochain.model.coverage import FileReport
from tochain.model.errors import FactsError
from tochain.model.limit import Unknown
from tochain.model.span import Pos, SourceFile, Span
from tochain.products import code
from tochain.products import facts as known_facts
from tochain.products.base import Context
from tochain.products.patterns import load_all, load_patterns
from tochain.products.registry import Registry
from tochain.products.scopes import top_folder


def read(texts: dict[str, str], *workloads: Workload) -> list[Component]:
    """The completed components of source files by path."""
    reports: dict[str, FileReport] = {}
    files = Files({}, reports, texts)
    sources = [SourceFile(path, text) for path, text in texts.items() if code.wants(path)]
    context = Context("source-code", sources, workloads, reports, files, {}, files.text)
    registry = Registry()
    return [registry.complete(component, lambda span, message: None) for component in code.read(context).components]


def one(path: str, text: str, **more: str) -> Component:
    """The only component of a file."""
    (found,) = read({path: text, **more})
    return found


IMPLIED = (
    "no session",
    "new Agent",
    "gunicorn.conf.py",
    "runtime version",
    "Config",
    "consumer",
    "HttpTimeout",
    "Flask-SQLAlchemy",
    "one connection a request",
    "Faraday",
)


def told(component: Component) -> list[str]:
    """What was read: what it is, where it listens, its settings and links."""
    listens = " ".join(str(address) for address in component.listens)
    head = f"{component.product} {component.kind} {listens}".strip()
    own = [line for line in settings(component.settings) if line.split(" = ")[0] not in IMPLIED]
    return [head, *own, *(f"-> {line}" for line in links(component))]


GOLDEN = {
    "node server": (
        "a/server.js",
        """\
const http = require("node:http");
const server = http.createServer({ headersTimeout: 66_000 }, app);
server.keepAliveTimeout = 65 * 1000;
server.listen(process.env.PORT || 3000);
# ruff: noqa: E501 - a table row is one case
""",
        [
            "nodejs-http server *:3000",
            "server.headersTimeout = 66000 @ 2:36-58",
            "server.keepAliveTimeout = 65000 @ 3:1-36",
        ],
    ),
    "express": (
        "a/app.ts",
        """\
import express from "express";
const app = express();
const s = app.listen(8080, () => {});
s.keepAliveTimeout = 61_000;
""",
        ["nodejs-http server *:8080", "server.keepAliveTimeout = 61000 @ 4:1-28"],
    ),
    "server object from elsewhere": (
        "a/main.ts",
        "const s = app.getHttpServer();\ns.keepAliveTimeout = 5;\ns.requestTimeout = 0;\n",
        ["nodejs-http server", "server.keepAliveTimeout = 5 @ 2:1-23", "server.requestTimeout = 0 @ 3:1-21"],
    ),
    "fastify made where it is required": (
        "a/app.js",
        'const fastify = require("fastify")({ keepAliveTimeout: 10000 });\nfastify.listen({ port: 3000 });\n',
        ["fastify server *:3000", "keepAliveTimeout = 10000 @ 1:38-61"],
    ),
    "fastify by name": (
        "a/app.js",
        'import Fastify from "fastify";\nconst app = Fastify({ keepAliveTimeout: 10000 });\nawait app.listen({ port: 3000 });\n',
        ["fastify server *:3000", "keepAliveTimeout = 10000 @ 2:23-46"],
    ),
    "http made where it is required": (
        "a/app.js",
        'const server = require("node:http").createServer(app);\nserver.listen(81);\n',
        ["nodejs-http server *:81"],
    ),
    "bun": (
        "a/app.ts",
        "Bun.serve({ port: 8080, idleTimeout: 30, fetch: f });\n",
        ["bun server *:8080", "idleTimeout = 30 @ 1:25-40"],
    ),
    "axios": (
        "a/c.js",
        """\
import axios from "axios";
import https from "https";
const api = axios.create({ baseURL: "http://api:8080/v1", timeout: 5_000, httpsAgent: new https.Agent({ keepAlive: true }) });
await api.get(`/users/${id}`);
await api.post("/x", body, { timeout: 9000 });
await axios.get("/relative");
""",
        [
            "axios client",
            "timeout = 5000 @ 3:59-73",
            "timeout = 9000 @ 5:30-43",
            "Agent.keepAlive = true @ 3:105-120",
            "-> api:8080 http axios.create @ 3:13",
            "-> api:8080 http api.post @ 5:7",
        ],
    ),
    "undici and fetch": (
        "a/c.ts",
        """\
import { Agent, request } from "undici";
const agent = new Agent({ keepAliveTimeout: 10_000, connect: { timeout: 1000 } });
await request("http://api:81/x", { dispatcher: agent });
await fetch("https://u:p@other/y", { signal: AbortSignal.timeout(3000) });
await fetch(url);
""",
        [
            "undici client",
            "keepAliveTimeout = 10000 @ 2:27-51",
            "connectTimeout = 1000 @ 2:64-77",
            "AbortSignal.timeout = 3000 @ 4:66-70",
            "-> api:81 http request @ 3:7",
            "-> other:443 http fetch @ 4:7",
        ],
    ),
    "node agent": (
        "a/c.js",
        """\
const http = require("http");
const agent = new http.Agent({ keepAlive: true, timeout: 60000 });
http.get({ host: "api", port: 8080, agent, timeout: 2000 });
""",
        [
            "node-http-agent client",
            "request.timeout = 2000 @ 3:44-57",
            "keepAlive = true @ 2:32-47",
            "Agent.timeout = 60000 @ 2:49-63",
            "-> api:8080 http http.get @ 3:1",
        ],
    ),
    "go": (
        "a/main.go",
        """\
package main

import (
	"net/http"
	"time"
)

const idle = 90 * time.Second

func main() {
	srv := &http.Server{
		Addr:        ":8080",
		IdleTimeout: idle,
	}
	srv.ReadTimeout = 5 * time.Second
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{IdleConnTimeout: 30 * time.Second}}
	c.Get("http://api/x")
	http.Get("http://b:81/")
	srv.ListenAndServe()
}
""",
        [
            "go-net-http server *:8080",
            "Client.Timeout = 10s @ 16:20-45",
            "Transport.IdleConnTimeout = 30s @ 16:74-107",
            "http.Transport literal = on @ 16:59-108",
            "Server.IdleTimeout = 90s @ 13:3-20",
            "Server.ReadTimeout = 5s @ 15:2-35",
            "-> api:80 http c.Get @ 17:2",
            "-> b:81 http http.Get @ 18:2",
        ],
    ),
    "go requests": (
        "a/c.go",
        """\
package main

import "net/http"

func f() {
	client := &http.Client{Timeout: 3}
	req, _ := http.NewRequestWithContext(ctx, "GET", "http://api:8080/x", nil)
	client.Do(req)
}
""",
        ["go-net-http client", "Client.Timeout = 3 @ 6:25-35", "-> api:8080 http http.NewRequestWithContext @ 7:12"],
    ),
    "gin": (
        "a/main.go",
        'package main\nimport "github.com/gin-gonic/gin"\nfunc main() {\n\tr := gin.Default()\n\tr.Run(":9000")\n}\n',
        ["go-net-http server *:9000"],
    ),
    "go pool": (
        "a/db.go",
        'package db\nimport (\n\t"database/sql"\n\t"time"\n)\nfunc f() {\n\tdb, err := sql.Open("mysql", dsn)\n\tdb.SetConnMaxLifetime(3 * time.Minute)\n}\n',
        [
            "go-database-sql pool",
            "SetConnMaxLifetime = 180s @ 8:2-40",
            "-> dsn is set elsewhere  sql.Open @ 7:13",
        ],
    ),
    "requests": (
        "a/c.py",
        """\
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

TIMEOUT = 5
requests.get("http://user:secret@api:8080/x", timeout=TIMEOUT)
requests.post("http://api:8080/y", timeout=(3, 27))
s = requests.Session()
s.mount("http://", HTTPAdapter(max_retries=Retry(total=3)))
s.get("http://other/x", timeout=1.5)
requests.get(url)
""",
        [
            "python-requests client",
            "timeout.connect = 5 @ 6:47-62",
            "timeout.connect = 3 @ 7:36-51",
            "timeout.connect = 1.5 @ 10:25-36",
            "timeout.read = 5 @ 6:47-62",
            "timeout.read = 27 @ 7:36-51",
            "timeout.read = 1.5 @ 10:25-36",
            "max_retries = 3 @ 9:50-57",
            "-> api:8080 http requests.get @ 6:1",
            "-> api:8080 http requests.post @ 7:1",
            "-> other:80 http s.get @ 10:1",
            "-> url is set elsewhere http requests.get @ 11:1",
        ],
    ),
    "httpx": (
        "a/c.py",
        """\
import httpx
async with httpx.AsyncClient(base_url="http://h:8000", timeout=httpx.Timeout(5, read=None)) as c:
    await c.get("/a")
limits = httpx.Limits(keepalive_expiry=60)
""",
        [
            "httpx client",
            "Timeout.read = none @ 2:81-90",
            "Timeout.connect = 5 @ 2:78-79",
            "Timeout.write = 5 @ 2:78-79",
            "Timeout.pool = 5 @ 2:78-79",
            "keepalive_expiry = 60 @ 4:23-42",
            "-> h:8000 http httpx.AsyncClient @ 2:12",
        ],
    ),
    "aiohttp": (
        "a/c.py",
        """\
import aiohttp
t = aiohttp.ClientTimeout(total=30, sock_read=10)
async with aiohttp.ClientSession(timeout=t, connector=aiohttp.TCPConnector(keepalive_timeout=5)) as s:
    await s.get(f"http://api:8080/{x}")
""",
        [
            "aiohttp-client client",
            "keepalive_timeout = 5 @ 3:76-95",
            "ClientTimeout.total = 30 @ 2:27-35",
            "ClientTimeout.sock_read = 10 @ 2:37-49",
            "-> api:8080 http s.get @ 4:11",
        ],
    ),
    "gunicorn.conf.py": (
        "a/gunicorn.conf.py",
        """\
import os

bind = ["0.0.0.0:8000"]
worker_class = "gthread"
keepalive = int(os.environ.get("KEEPALIVE", "75"))
timeout = 2 * 60
""",
        [
            "gunicorn server *:8000",
            "worker_class = gthread @ 4:1-25",
            "keepalive = 75 @ 5:1-51 assumed",
            "timeout = 120 @ 6:1-17",
        ],
    ),
    "uvicorn": (
        "a/main.py",
        'import uvicorn\nuvicorn.run("main:app", host="0.0.0.0", port=8001, timeout_keep_alive=65)\n',
        ["uvicorn server 0.0.0.0:8001", "timeout_keep_alive = 65 @ 2:52-73"],
    ),
    "sqlalchemy": (
        "a/db.py",
        'from sqlalchemy import create_engine\ne = create_engine("postgresql+psycopg://u:p@db/x", pool_recycle=1800)\n',
        ["sqlalchemy pool", "pool_recycle = 1800 @ 2:52-69", "-> db:5432 postgresql create_engine @ 2:5"],
    ),
    "redis-py": (
        "a/r.py",
        'import redis\nr = redis.Redis(host="cache", socket_timeout=2)\n',
        ["redis-py client", "socket_timeout = 2 @ 2:31-47", "-> cache:6379 redis redis.Redis @ 2:5"],
    ),
    "okhttp": (
        "a/A.java",
        """\
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
class A {
  private static final int T = 30;
  OkHttpClient c = new OkHttpClient.Builder()
      .readTimeout(T, TimeUnit.SECONDS)
      .connectionPool(new ConnectionPool(5, 2, TimeUnit.MINUTES))
      .retryOnConnectionFailure(false)
      .build();
  Request r = new Request.Builder().url("http://api:8080/x").build();
}
""",
        [
            "okhttp client",
            "readTimeout = 30s @ 6:8-40",
            "retryOnConnectionFailure = false @ 8:8-39",
            "maxIdleConnections = 5 @ 7:42-43",
            "ConnectionPool.keepAliveDuration = 120s @ 7:45-46",
            "-> api:8080 http url @ 10:15",
        ],
    ),
    "okhttp in Kotlin": (
        "a/K.kt",
        "import okhttp3.OkHttpClient\nval c = OkHttpClient.Builder().apply {\n    readTimeout(30, TimeUnit.SECONDS)\n}.build()\n",
        ["okhttp client", "readTimeout = 30s @ 3:5-38", "-> its address is not said in this file http OkHttpClient @ 2:9"],
    ),
    "apache 4": (
        "a/A.java",
        """\
import org.apache.http.impl.client.HttpClients;
class A {
  RequestConfig rc = RequestConfig.custom().setSocketTimeout(5 * 1000).build();
  X c = HttpClients.custom().setDefaultRequestConfig(rc).setConnectionTimeToLive(1, TimeUnit.MINUTES).build();
}
""",
        [
            "apache-httpclient4 client",
            "setConnectionTimeToLive = 60s @ 4:58-102",
            "RequestConfig.setSocketTimeout = 5000 @ 3:45-71",
            "-> its address is not said in this file http HttpClients @ 4:9",
        ],
    ),
    "java.net.http": (
        "a/A.java",
        """\
import java.net.http.HttpClient;
class A {
  HttpClient c = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
  HttpRequest r = HttpRequest.newBuilder(URI.create("http://api:81/x")).timeout(Duration.ofSeconds(9)).build();
}
""",
        [
            "java-net-http client",
            "HttpRequest.Builder.timeout = 9s @ 4:73-103",
            "HttpClient.Builder.connectTimeout = 3s @ 3:42-79",
            "-> api:81 http HttpRequest.newBuilder @ 4:19",
        ],
    ),
    "dotnet": (
        "a/P.cs",
        """\
var h = new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2) };
var client = new HttpClient(h) { Timeout = TimeSpan.FromSeconds(30) };
await client.GetAsync("http://api:5000/x");
""",
        [
            "dotnet-httpclient client",
            "HttpClient.Timeout = 30s @ 2:34-68",
            "PooledConnectionIdleTimeout = 120s @ 1:34-87",
            "-> api:5000 http client.GetAsync @ 3:7",
        ],
    ),
    "kestrel": (
        "a/P.cs",
        "builder.WebHost.ConfigureKestrel(o => { o.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75); o.ListenAnyIP(5001); });\n",
        ["kestrel server *:5001", "Limits.KeepAliveTimeout = 75s @ 1:41-93"],
    ),
    "puma.rb": (
        "a/config/puma.rb",
        'threads 5, 5\nport ENV.fetch("PORT") { 3000 }\npersistent_timeout 75\n',
        ["puma server *:3000", "persistent_timeout = 75 @ 3:1-22"],
    ),
    "unicorn.rb": (
        "a/config/unicorn.rb",
        'listen "/run/app.sock", backlog: 64\ntimeout 90\n',
        ["unicorn server unix:/run/app.sock", "timeout = 90 @ 2:1-11"],
    ),
    "ruby clients": (
        "a/c.rb",
        """\
http = Net::HTTP.new("api", 8080)
http.read_timeout = 30
conn = Faraday.new(url: "http://svc:9000", request: { timeout: 5 }) do |f|
  f.options.open_timeout = 2
end
""",
        [
            "ruby-net-http client",
            "read_timeout = 30 @ 2:1-23",
            "read_timeout = 5 @ 3:55-65",
            "open_timeout = 2 @ 4:3-29",
            "write_timeout = 5 @ 3:55-65",
            "-> api:8080 http Net.HTTP.new @ 1:8",
            "-> svc:9000 http Faraday.new @ 3:8",
        ],
    ),
    "reqwest": (
        "a/m.rs",
        """\
fn main() {
    let c = reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(60)).build()?;
    c.get("http://api:1/x").send().await?;
}
""",
        ["reqwest client", "pool_idle_timeout = 60s @ 2:40-82", "-> api:1 http c.get @ 3:5"],
    ),
    "phoenix": (
        "a/config/prod.exs",
        "config :app, AppWeb.Endpoint,\n  http: [port: 4000, protocol_options: [idle_timeout: 120_000]]\n",
        ["cowboy server *:4000", "idle_timeout = 120000 @ 2:41-62"],
    ),
    "grpc python": (
        "a/g.py",
        """\
import grpc
ch = grpc.insecure_channel("svc:50051", options=[("grpc.keepalive_time_ms", 10000), ("grpc.keepalive_permit_without_calls", 1)])
""",
        [
            "grpc client",
            "KEEPALIVE_TIME = 10000 @ 2:50-83",
            "KEEPALIVE_WITHOUT_CALLS = 1 @ 2:85-127",
            "-> svc:50051 grpc grpc.insecure_channel @ 2:6",
        ],
    ),
    "grpc go server": (
        "a/g.go",
        """\
package main
import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"time"
)
var kaep = keepalive.EnforcementPolicy{MinTime: 5 * time.Second}
func main() {
	s := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(kaep))
}
""",
        ["grpc server", "PERMIT_KEEPALIVE_TIME = 5s @ 7:40-64"],
    ),
    "grpc node client of a generator": (
        "a/m.ts",
        """\
import * as grpc from "@grpc/grpc-js";
const options = { "grpc.keepalive_time_ms": 20_000 };
new Unknown("other:1", grpc.credentials.createInsecure());
const ml = new MlClient("ml:50051", grpc.credentials.createInsecure(), options);
""",
        ["grpc client", "KEEPALIVE_TIME = 20000 @ 2:19-51", "-> ml:50051 grpc MlClient @ 4:12"],
    ),
    "grpc ruby stub": (
        "a/c.rb",
        """\
Api::Shop::Stub.new("shop:9090", :this_channel_is_insecure,
                    channel_args: { "grpc.keepalive_time_ms" => 20_000 })
""",
        ["grpc client", "KEEPALIVE_TIME = 20000 @ 2:37-71", "-> shop:9090 grpc Api.Shop.Stub.new @ 1:1"],
    ),
    "hikari": (
        "a/H.java",
        """\
import com.zaxxer.hikari.HikariConfig;
class A {
  void f() {
    HikariConfig c = new HikariConfig();
    c.setJdbcUrl("jdbc:postgresql://db:5432/x");
    c.setMaxLifetime(1800);
  }
}
""",
        ["hikaricp pool", "maxLifetime = 1800 @ 6:5-27", "-> db:5432 postgresql c.setJdbcUrl @ 5:5"],
    ),
    "mongoose": (
        "a/m.js",
        'const m = require("mongoose");\nm.connect("mongodb://u:p@db/x", { socketTimeoutMS: 45000 });\n',
        ["mongodb client", "socketTimeoutMS = 45000 @ 2:35-57", "-> db:27017 mongodb m.connect @ 2:1"],
    ),
    "celery": (
        "a/c.py",
        'from celery import Celery\napp = Celery("x", broker="amqp://u:p@mq//")\napp.conf.task_time_limit = 300\n',
        ["celery server", "task_time_limit = 300 @ 3:1-31", "-> mq:5672 amqp Celery @ 2:7"],
    ),
    "paho": (
        "a/m.py",
        'import paho.mqtt.client as mqtt\nc = mqtt.Client()\nc.connect("broker", 8883, keepalive=30)\n',
        ["mqtt-mosquitto client", "keepalive = 30 @ 3:27-39", "-> broker:8883 mqtt c.connect @ 3:1"],
    ),
    "feign": (
        "a/F.java",
        """\
import feign.Feign;
class A {
  X x = Feign.builder().options(new Request.Options(5, TimeUnit.SECONDS, 10, TimeUnit.SECONDS, true)).target(X.class, "http://api:8080");
}
""",
        ["openfeign client", "connect-timeout = 5s @ 3:53-54", "read-timeout = 10s @ 3:74-76", "-> api:8080 http target @ 3:9"],
    ),
    "flask": (
        "a/f.py",
        "from flask import Flask\napp = Flask(__name__)\napp.run(port=5001)\n",
        ["werkzeug server *:5001"],
    ),
    "pika": (
        "a/q.py",
        'import pika\np = pika.ConnectionParameters(host="mq", heartbeat=600)\n',
        ["amqp-clients client", "heartbeat = 600 @ 2:42-55", "-> mq:5672 amqp pika.ConnectionParameters @ 2:5"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(GOLDEN))
def test_golden(name: str) -> None:
    path, text, expected = GOLDEN[name]
    assert told(one(path, text)) == expected


HC4 = "import org.apache.http.impl.client.HttpClients; class C { Object c = HttpClients.custom()"
KEEPALIVE = "const http = require('http'); const Agent = require('agentkeepalive'); "
UNDICI = "import { Agent, setGlobalDispatcher } from 'undici';\n"


@pytest.mark.parametrize(
    ("path", "text", "timer", "expected"),
    [
        ("s.js", "s.keepAliveTimeout = 65000", "accept.idle_close", "65s or 66s"),
        ("s.js", "s.keepAliveTimeout = 0", "accept.idle_close", "never"),
        ("s.js", "s.keepAliveTimeout = 5000; s.keepAliveTimeoutBuffer = 500", "accept.idle_close", "5500ms"),
        ("s.js", "const s = require('http').createServer(); Object.assign(s, {keepAliveTimeout: 9e3});", "accept.idle_close", "9s or 10s"),
        ("s.js", "const s = require('http').createServer(); Object.assign(t, {keepAliveTimeout: 9e3});", "accept.idle_close", "5s or 6s"),
        ("s.js", "const s = app.listen(1); if (process.env.K) { s.keepAliveTimeout = Number(process.env.K); }", "accept.idle_close", "5s or 6s"),
        ("s.js", "const s = app.listen(1); s.keepAliveTimeout = Number(process.env.K);", "accept.idle_close", "unknown"),
        ("s.js", "const s = app.listen(1); if (a) { s.keepAliveTimeout = 9000; }", "accept.idle_close", "9s or 10s"),
        ("a.js", KEEPALIVE + "http.get({ host: 'a', agent: new Agent({ timeout: 20000 }) });", "connect.idle_keep", "4s"),
        ("a.js", KEEPALIVE + "http.get({ host: 'a', agent: new Agent({ freeSocketTimeout: 9000 }) });", "connect.idle_keep", "9s"),
        ("a.js", "const http = require('http'); http.get({ host: 'a', agent: new http.Agent({ keepAlive: true }) });", "connect.honours_hint", "off"),
        ("a.js", "const http = require('http'); http.get({ host: 'a', agent: new http.Agent({ keepAlive: true, timeout: 9 }) });", "connect.honours_hint", "on"),
        ("s.ts", "async function f() { const app = await NestFactory.create(M); app.getHttpServer().keepAliveTimeout = 9e3; }", "accept.idle_close", "9s or 10s"),
        ("C.kt", "import okhttp3.*\nval c = OkHttpClient.Builder().connectionPool(ConnectionPool(keepAliveDuration = 2, timeUnit = TimeUnit.MINUTES)).build()", "connect.idle_keep", "120s"),
        ("C.java", HC4 + ".setKeepAliveStrategy((r, c) -> 15_000).build(); }", "connect.idle_keep", "15s"),
        ("C.java", HC4 + ".setKeepAliveStrategy((r, c) -> { if (n) return m; return 3 * 1000; }).build(); }", "connect.idle_keep", "3s"),
        ("C.java", HC4 + ".setKeepAliveStrategy(new S() { public long g() { return 5_000; } }).build(); }", "connect.idle_keep", "5s"),
        ("C.java", HC4 + ".setKeepAliveStrategy((r, c) -> other(r)).build(); }", "connect.idle_keep", "unknown"),
        ("a.mjs", UNDICI + "setGlobalDispatcher(new Agent({ keepAliveTimeout: 9000 })); fetch('http://a/');", "connect.idle_keep", "9s"),
        ("s.js", "s.keepAliveTimeout = 5000; s.headersTimeout = 400000; s.requestTimeout = 60000", "accept.header_read", "60s"),
        ("g.go", 'import "net/http"\nvar s = http.Server{ReadTimeout: 5e9}', "accept.idle_close", "5s"),
        ("g.go", 'import "net/http"\nfunc f() { http.ListenAndServe(":80", nil) }', "accept.idle_close", "never"),
        ("g.go", 'import "net/http"\nvar t = &http.Transport{}', "connect.idle_keep", "never"),
        ("g.go", 'import "net/http"\nvar t = &http.Client{}', "connect.idle_keep", "90s"),
        ("gunicorn.conf.py", "keepalive = 75\nworker_class = 'sync'", "accept.idle_close", "off"),
        ("gunicorn.conf.py", "keepalive = 75\nworker_class = 'gthread'", "accept.idle_close", "75s"),
        ("gunicorn.conf.py", "keepalive = 75\nthreads = 4", "accept.idle_close", "75s"),
        ("gunicorn.conf.py", "timeout = 30\nworker_class = 'gevent'", "accept.request_total", "never"),
        ("a.py", "import requests\nrequests.get(u)", "connect.read_stall", "never"),
        ("a.py", "import requests\nrequests.get(u)", "connect.idle_keep", "off"),
        ("a.py", "import requests\nrequests.Session().get(u)", "connect.idle_keep", "never"),
        ("a.py", "import requests\nfrom requests.adapters import HTTPAdapter\ns = requests.Session()\ns.mount(u, HTTPAdapter(max_retries=3))", "connect.attempts", "4"),
        ("a.py", "import urllib3\np = urllib3.PoolManager()\np.request('GET', 'http://a/')", "connect.attempts", "4"),
        ("a.py", "import requests\nrequests.Session().get(u)", "connect.tcp_keepalive_time", "off"),
        ("a.py", "import requests\ns = requests.Session()\ns.headers['Connection'] = 'close'\ns.get(u)", "connect.idle_keep", "off"),
        ("a.py", "import requests\ns = requests.Session()\ns.headers.update({'Connection': 'close'})\ns.get(u)", "connect.idle_keep", "off"),
        ("a.py", "import requests\nrequests.Session().get(u, headers={'connection': 'close'})", "connect.idle_keep", "off"),
        ("a.py", "import socket, urllib3\nfrom urllib3.connection import HTTPConnection\np = urllib3.PoolManager(socket_options=HTTPConnection.default_socket_options + [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 45)])\np.request('GET', 'http://a/')", "connect.tcp_keepalive_time", "45s"),
        ("a.py", "import requests\nfrom requests_toolbelt.adapters.socket_options import TCPKeepAliveAdapter\ns = requests.Session()\ns.mount('https://', TCPKeepAliveAdapter(idle=120))\ns.get(u)", "connect.tcp_keepalive_time", "120s"),
        ("a.py", "import httpx\nhttpx.Client().get('http://a/')", "connect.tcp_keepalive_time", "off"),
        ("a.py", "import httpx, socket\nt = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (6, socket.TCP_KEEPIDLE, 60)])\nc = httpx.Client(transport=t)\nc.get('http://a/')", "connect.tcp_keepalive_time", "60s"),
        ("A.java", "import org.apache.hc.core5.http.io.SocketConfig;\nimport org.apache.hc.client5.http.impl.classic.HttpClients;\nclass A { Object s = SocketConfig.custom().setSoKeepAlive(true).setTcpKeepIdle(90).build(); Object c = HttpClients.custom().build(); }", "connect.tcp_keepalive_time", "90s"),
        ("a.kt", "import okhttp3.OkHttpClient\nval c = OkHttpClient.Builder().retryOnConnectionFailure(false).build()", "connect.stale_retry", "none"),
        ("a.js", "const http = require('http'); http.get('http://a/', { agent: new http.Agent() })", "connect.idle_keep", "off"),
        ("a.js", "const http = require('http'); http.get('http://a/', { agent: new http.Agent({ keepAlive: true }) })", "connect.idle_keep", "never"),
        ("a.js", "import axios from 'axios'; import http from 'http'; axios.get('http://a/', { httpAgent: new http.Agent({ keepAlive: true, timeout: 7000 }) })", "connect.idle_keep", "7s"),
        ("a.js", "import got from 'got'; await got('http://a/', { retry: { limit: 0 } })", "connect.attempts", "1"),
        ("a.py", "import grpc\nc = grpc.insecure_channel('a:1', options=[('grpc.keepalive_time_ms', 2147483647)])", "connect.ping_interval", "never"),
        ("a.py", "import grpc\nc = grpc.insecure_channel('a:1', options=[('grpc.keepalive_permit_without_calls', 1)])", "connect.ping_without_calls", "on"),
    ],
)  # fmt: skip
def test_conditions(path: str, text: str, timer: str, expected: str) -> None:
    component = one(path, text)
    found = component.links[0].facts if component.links else component.facts
    assert [fact.value for fact in (found.get(timer) or component.facts.get(timer, ()))] == [expected]


UNLESS = "unless environment variable K is set"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("s.js", "s.keepAliveTimeout = process.env.K || 9000;", ("9s or 10s", "assumed", f"closes keepAliveTimeoutBuffer later than keepAliveTimeout; {UNLESS}")),
        ("gunicorn.conf.py", "import os\nthreads = 2\nkeepalive = int(os.getenv('K', 5))", ("5s", "assumed", UNLESS)),
        ("gunicorn.conf.py", "import os\nthreads = 2\nkeepalive = int(os.environ['K'])", ("unknown", "written", "")),
        ("s.js", "const s = app.listen(1);\nif (process.env.K) { s.keepAliveTimeout = Number(process.env.K); }", ("5s or 6s", "assumed", f"closes keepAliveTimeoutBuffer later than keepAliveTimeout; {UNLESS}")),
        ("config/puma.rb", "persistent_timeout Integer(ENV['K'] || 30)", ("30s", "assumed", UNLESS)),
    ],
)  # fmt: skip
def test_what_holds_unless_a_variable_is_set_is_only_assumed(path: str, text: str, expected: tuple[str, ...]) -> None:
    (fact,) = one(path, text).facts["accept.idle_close"]
    assert (fact.value, fact.origin, fact.because) == expected


def test_a_variable_that_is_set_decides() -> None:
    path = "app/s.js"
    source = Span("compose.yaml", Pos(1, 1), Pos(1, 2))
    runs = workload("api", env={"K": Word("70000", source)}, root="app")
    (component,) = read({path: "s.keepAliveTimeout = process.env.K || 9000;"}, runs)
    (fact,) = component.facts["accept.idle_close"]
    assert (fact.value, fact.origin) == ("70s or 71s", "written")


@pytest.mark.parametrize(
    ("deps", "product", "closes"),
    [
        ('{:bandit, "~> 1.5"}', "thousand-island", "60s"),
        ('{:plug_cowboy, "~> 2.7"}', "cowboy", "5s"),
        ('{:plug_cowboy, "~> 2.7"}, {:bandit, "~> 1.5"}', "cowboy", "5s"),
        ("", "cowboy", "5s"),
    ],
)
def test_what_serves_phoenix_is_what_the_project_depends_on(deps: str, product: str, closes: str) -> None:
    """The endpoint of runtime.exs looks the same with both servers."""
    endpoint = "import Config\nconfig :app, AppWeb.Endpoint, http: [ip: {0, 0, 0, 0}, port: 4000]\n"
    (found,) = read({"config/runtime.exs": endpoint, "mix.exs": f"defp deps do\n[{deps}]\nend\n"})
    assert (found.product, [fact.value for fact in found.facts["accept.idle_close"]]) == (product, [closes])


@pytest.mark.parametrize(
    ("lines", "keeps", "tests"),
    [
        ("GenericObjectPoolConfig<Jedis> c = new GenericObjectPoolConfig<>();", "never", "never"),
        ("GenericObjectPoolConfig<Jedis> c = new GenericObjectPoolConfig<>(); c.setTestOnBorrow(true);", "never", "0s"),
        (
            "GenericObjectPoolConfig<Jedis> c = new GenericObjectPoolConfig<>(); c.setTimeBetweenEvictionRunsMillis(30000);"
            " c.setMinEvictableIdleTimeMillis(90000);",
            "90s",
            "never",
        ),
        ("JedisPoolConfig c = new JedisPoolConfig();", "60s", "never"),
    ],
)
def test_only_jedis_own_pool_configuration_evicts(lines: str, keeps: str, tests: str) -> None:
    """A plain configuration of commons-pool runs no evictor."""
    text = (
        "import org.apache.commons.pool2.impl.GenericObjectPoolConfig;\nimport redis.clients.jedis.*;\n"
        f'class A {{ JedisPool p() {{ {lines} return new JedisPool(c, "redis", 6379); }} }}\n'
    )
    facts = one("A.java", text).links[0].facts
    assert [[f.value for f in facts[t]] for t in ("connect.idle_keep", "connect.validate_after_idle")] == [
        [keeps],
        [tests],
    ]


def test_gunicorn_says_where_keepalive_is_ignored() -> None:
    component = one("gunicorn.conf.py", "worker_class = 'sync'\nkeepalive = 75\n")
    assert [(i.kind, i.span.start.line) for i in component.issues] == [("keepalive-without-effect", 2)]


@pytest.mark.parametrize(
    ("manifest", "text", "expected"),
    [
        ("a/Dockerfile", "FROM golang:1 AS b\nFROM node:20.19-alpine\n", "20.19"),
        ("a/Dockerfile", "FROM node:lts\n", "any version"),
        ("a/package.json", '{"engines": {"node": ">=18"}}', ">=18"),
        ("a/package.json", "{not json", "any version"),
        ("package.json", '{"engines": {"node": "22"}}', "22"),
        ("package.json", '{"engines": {"node": ">= 18 <21"}}', ">=18,<21"),
        ("package.json", '{"engines": {"node": "^18 || ^20"}}', "^18 || ^20"),
        ("package.json", '{"engines": {"node": "*"}}', "*"),
        ("package.json", '{"engines": {"node": ">=x"}}', "any version"),
    ],
)
def test_runtime_version(manifest: str, text: str, expected: str) -> None:
    (found,) = read({"a/s.js": "s.keepAliveTimeout = 1", manifest: text})
    assert str(found.versions) == expected


@pytest.mark.parametrize(("version", "expected"), [("18", "off"), ("20", "5s"), ("lts", "off or 5s")])
def test_axios_uses_the_agent_of_its_node(version: str, expected: str) -> None:
    (found,) = read(
        {"c.js": "import axios from 'axios'; axios.get('http://a/')", "Dockerfile": f"FROM node:{version}\n"}
    )
    assert [fact.value for fact in found.links[0].facts["connect.idle_keep"]] == [expected]


@pytest.mark.parametrize(
    ("manifest", "text", "expected"),
    [
        ("a/requirements.txt", "flask\nrequests[socks]==2.31.0  # pinned\n", "==2.31.0"),
        ("a/requirements.txt", "requests-mock==1.0\n", "any version"),
        ("a/requirements.txt", "requests>=2.28,<3\n", ">=2.28,<3"),
        ("a/pyproject.toml", '[project]\ndependencies = [\n  "requests>=2.30",\n]\n', ">=2.30"),
    ],
)
def test_library_version(manifest: str, text: str, expected: str) -> None:
    (found,) = read({"a/c.py": "import requests\nrequests.get('http://a/')", manifest: text})
    assert str(found.versions) == expected


def test_what_is_no_code_of_ours() -> None:
    ours = ["src/app.js", "cmd/main.go", "app/main.py", "Contest.java", "lib/latest.rb"]
    others = [
        "node_modules/a/i.js", "vendor/x/y.go", "main_test.go", "src/app.spec.ts", "src/app.test.js", "tests/a.py", "test_app.py",
        "__tests__/a.js", "dist/app.js", ".venv/lib/a.py", "a/site-packages/b.py", "FooTest.java", "nginx.conf", "spec/a_spec.rb",
        "_integration-test/a.py", "perf-tests/b.js", "deploy/smoke-test.py",
    ]  # fmt: skip
    assert [path for path in (*ours, *others) if code.wants(path)] == ours


@pytest.mark.parametrize(
    ("paths", "top"),
    [
        ([], ""),
        (["a.py"], ""),
        (["tests/case/before/a.py", "tests/case/before/b/c.py"], "tests/case/before/"),
        (["tests/ab/c.py", "tests/ac/c.py"], "tests/"),
        (["tests/a.py", "src/b.py"], ""),
        (["/tmp/x/tests/a.py"], "/tmp/x/tests/"),
    ],
)
def test_what_is_given_by_name_is_no_test(paths: list[str], top: str) -> None:
    assert top_folder(paths) == top
    assert [path for path in paths if not code.wants(path, top)] == [
        p for p in paths if top == "" and p.startswith("tests/")
    ]


def built(name: str, root: str, port: int, **env: str) -> Workload:
    """A workload built from a folder."""
    at = Span("compose.yaml", Pos(1, 1), Pos(1, 2))
    return workload(name, root=root, ports={port: port}, env={key: Word(text, at) for key, text in env.items()})


def test_workload_owns_the_code_in_its_root() -> None:
    text = 'const express = require("express"); const axios = require("axios");\nexpress().listen(process.env.PORT || 3000);\naxios.get(process.env.API);'
    found = read({"app/s.js": text}, built("web", "app", 4000, PORT="4000", API="http://api:8000/x"))
    assert [(c.product, c.name, c.scope, c.workload, [str(a) for a in c.listens]) for c in found] == [
        ("axios", "web", "compose:compose.yaml", found[0].workload, []),
        ("nodejs-http", "web", "compose:compose.yaml", found[0].workload, ["*:4000"]),
    ]
    assert found[0].workload and links(found[0]) == ["api:8000 http axios.get @ 3:1"]


def test_without_its_environment_the_likely_address_is_taken() -> None:
    (found,) = read(
        {
            "s.js": 'import axios from "axios"; axios.get(process.env.API || "http://api:8000"); axios.get(process.env.B);'
        }
    )
    assert links(found) == ["api:8000 http axios.get @ 1:28", "environment variable B http axios.get @ 1:77"]


def test_servers_that_listen_apart_stay_apart() -> None:
    text = 'import "net/http"\nfunc f() {\n go http.ListenAndServe(":9090", nil)\n s := http.Server{Addr: ":8080", IdleTimeout: 1e9}\n}'
    assert [
        (c.name, [str(a) for a in c.listens], facts(c.facts, "accept.idle_close")) for c in read({"m.go": text})
    ] == [
        ("go-net-http:9090", ["*:9090"], ["accept.idle_close = never (Server.IdleTimeout, default @ 3:5)"]),
        ("go-net-http:8080", ["*:8080"], ["accept.idle_close = 1s (Server.IdleTimeout, written @ 4:34)"]),
    ]


def test_a_project_is_the_nearest_manifest() -> None:
    texts = {f"{p}/src/c.py": "import requests\nrequests.get('http://a/')" for p in ("one", "two")}
    found = read(
        {
            **texts,
            "one/src/d.py": "import requests\nrequests.get('http://b/')",
            "one/pyproject.toml": "",
            "two/setup.py": "",
        }
    )
    assert [(c.scope, links(c)) for c in found] == [
        ("dir:one", ["a:80 http requests.get @ 2:1", "b:80 http requests.get @ 2:1"]),
        ("dir:two", ["a:80 http requests.get @ 2:1"]),
    ]


def test_clients_without_anything_to_say_are_left_out() -> None:
    assert read({"ui.js": "fetch('/api/x'); fetch(url)"}) == []


def test_secrets_of_addresses_are_not_kept() -> None:
    found = read(
        {"c.py": "import requests, redis\nrequests.get('http://u:hunter2@a/')\nredis.from_url('redis://:hunter2@c/0')"}
    )
    assert "hunter2" not in repr([(c.settings, c.links) for c in found])


# ------------------------------------------------------------------- patterns


def test_patterns_feed_settings_that_the_facts_know() -> None:
    unknown = []
    for patterns in load_all():
        known = known_facts.load(patterns.product)
        names = {name for row in known.settings for name in (row.setting, *row.aliases)} if known else set()
        for pattern in patterns.patterns:
            feeds = [*pattern.options.values(), *pattern.properties.values(), *pattern.methods.values()]
            fed = {name for feed in feeds for name in (*feed.settings, *feed.items)} | set(pattern.implied)
            unknown += [
                f"{patterns.product} {pattern.name}: {name}" for name in sorted(fed - names - set(patterns.also))
            ]
    assert unknown == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patterns: []", "expected a mapping with product and patterns"),
        ("product: x\nextra: 1", "unknown key 'extra'"),
        ("product: x\npatterns:\n- 1", "expected a mapping with languages, calls and role"),
        ("product: x\npatterns:\n- {calls: [a]}", "languages is missing"),
        ("product: x\npatterns:\n- {calls: [a], languages: [cobol]}", "'cobol'; expected one of js, python"),
        ("product: x\npatterns:\n- {languages: [go]}", "one of calls, files, enough, having and declared is needed"),
        (
            "product: x\npatterns:\n- {calls: [a], languages: [go], role: boss}",
            "'boss'; expected one of server, client, part",
        ),
        ("product: x\npatterns:\n- {calls: [a], languages: [go], optoins: {}}", "unknown key 'optoins'"),
        (
            "product: x\npatterns:\n- {calls: [a], languages: [go], options: 1}",
            "expected a mapping of names in the code",
        ),
        (
            "product: x\npatterns:\n- {calls: [a], languages: [go], options: {b: {unit: s}}}",
            "expected a setting, or a mapping",
        ),
        (
            "product: x\npatterns:\n- {calls: [a], languages: [go], options: {b: {setting: c, unit: fortnight}}}",
            "'fortnight'; expected one of",
        ),
        (
            "product: x\npatterns:\n- {calls: [a], languages: [go], methods: {b: {setting: c, argument: x}}}",
            "argument 'x'; expected a position",
        ),
        ("product: x\npatterns:\n- {languages: [go], enough: [b]}", "enough names 'b'"),
        ("product: x\npatterns:\n- {languages: [go], having: [b]}", "having names 'b'"),
        ("product: x\npatterns:\n- {calls: [a], languages: [go], target: {prot: 1}}", "unknown key 'prot'"),
        ("product: x\npatterns:\n- {calls: [a], languages: [go], listen: {default_port: http}}", "default_port 'http'"),
        ("product: x\npackages: {conda: [y]}", "'conda'; expected one of npm"),
        ("product: [", "while parsing"),
    ],
)
def test_mistakes_in_patterns_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "code.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FactsError) as error:
        load_patterns(path)
    assert message in str(error.value) and str(path) in str(error.value)


PIECES = [text for _, text, _ in GOLDEN.values()]
PATHS = [
    "a.js",
    "a.ts",
    "a.py",
    "a.go",
    "A.java",
    "a.kt",
    "a.cs",
    "config/puma.rb",
    "a.rs",
    "config/a.exs",
    "gunicorn.conf.py",
]


@given(st.sampled_from(PIECES), st.sampled_from(PATHS), st.integers(0, 300), st.integers(0, 300), st.text(max_size=6))
@hypothesis_settings(max_examples=150, deadline=None)
def test_broken_code_is_no_error(text: str, path: str, start: int, length: int, junk: str) -> None:
    broken = text[:start] + junk + text[start + length :]
    for component in read({path: broken}):
        assert component.span.path == path


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "a.py",
            "import requests\nrequests.get('http://a/', **kw)",
            ["timeout.read = **kw: it may be among **kw @ 2:27"],
        ),
        ("a.py", "import requests\nrequests.get('http://a/', timeout=5, **kw)", ["timeout.read = 5 @ 2:27"]),
        (
            "a.js",
            "const axios = require('axios');\naxios.get('http://a/', config);",
            ["timeout = config: it may be among config @ 2:24"],
        ),
        (
            "a.js",
            "const axios = require('axios');\naxios.get('http://a/', { ...config });",
            ["timeout = ...config: it may be among ...config @ 2:26"],
        ),
        ("a.js", "const axios = require('axios');\naxios.post('http://a/', data);", []),
        (
            "a.js",
            "const axios = require('axios');\nconst config = { timeout: 7 };\naxios.get('http://a/', config);",
            ["timeout = 7 @ 2:18"],
        ),
    ],
)
def test_options_from_elsewhere_are_not_known(path: str, text: str, expected: list[str]) -> None:
    """What a spread or a table made elsewhere may set is unknown, and no default takes its place."""
    link = one(path, text).links[0]
    found = [
        setting for group in link.settings.values() for setting in group if setting.name in ("timeout", "timeout.read")
    ]
    shown = [
        f"{s.name} = {s.text}{f': {s.limit.reason}' if isinstance(s.limit, Unknown) else ''} @ {str(s.span).partition(':')[2]}"
        for s in found
    ]
    assert shown == expected


def test_what_axios_is_told_for_all_calls() -> None:
    files = {
        "a.js": 'const axios = require("axios");\nclass S { constructor() { axios.defaults.timeout = 300 * 1000; } }\n',
        "b.js": 'const axios = require("axios");\naxios.get("https://api.example.com/x");\n',
    }
    (found,) = read(files)
    assert [links(found), [f.value for f in found.links[0].facts["connect.request_total"]]] == [
        ["api.example.com:443 http axios.get @ 2:1"], ["300s"],
    ]  # fmt: skip


def test_a_python_websocket_client_pings() -> None:
    text = 'import websockets\nws = websockets.connect("wss://a.example/x", ping_interval=300)\n'
    found = one("a.py", text)
    assert [f"{f.value} {f.origin}" for f in found.links[0].facts["connect.ping_interval"]] == ["300s written"]
