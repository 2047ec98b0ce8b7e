"""Servers of the other languages: Tomcat, Go's net/http, Puma."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tochain.reproduce.programs import Program, Setup

__all__ = ["RUNTIMES"]

TOMCAT_HOMES = (os.environ.get("CATALINA_HOME", ""), *(f"/usr/share/tomcat{number}" for number in (11, 10, 9)))
TOMCAT_HOME = next((home for home in TOMCAT_HOMES if home and Path(home, "lib/catalina.jar").exists()), "")

TOMCAT = """\
<Server port="-1">
  <Service name="Catalina">
    <Connector port="{port}" address="127.0.0.1" {idle}/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="{base}/apps" createDirs="false">
        <Valve className="org.apache.catalina.valves.rewrite.RewriteValve"/>
      </Host>
    </Engine>
  </Service>
</Server>
"""

# Only the servlet that serves files; every path is rewritten to one file.
TOMCAT_WEB = """\
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0">
  <servlet><servlet-name>d</servlet-name>
    <servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class></servlet>
  <servlet-mapping><servlet-name>d</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
</web-app>
"""

GO = """\
package main

import (
	"io"
	"net/http"
	"time"
)

func main() {
	answer := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "ok\\n")
	}
	s := &http.Server{Addr: "127.0.0.1:PORT", IdleTimeout: IDLE * time.Millisecond, Handler: http.HandlerFunc(answer)}
	panic(s.ListenAndServe())
}
"""

PUMA = """\
app do |env|
  env["rack.input"].read
  [200, {"content-length" => "3"}, ["ok\\n"]]
end
"""


def _tomcat(setup: Setup) -> Sequence[str]:
    base = setup.folder / f"tomcat-{setup.port}"
    for name in ("conf/Catalina/localhost", "apps/ROOT", "logs", "temp", "work"):
        (base / name).mkdir(parents=True)
    idle = "" if setup.idle is None else f'keepAliveTimeout="{round(setup.idle * 1000)}"'
    (base / "conf/server.xml").write_text(TOMCAT.format(port=setup.port, idle=idle, base=base))
    (base / "conf/web.xml").write_text(TOMCAT_WEB)
    (base / "conf/Catalina/localhost/rewrite.config").write_text("RewriteRule ^.*$ /ok.txt\n")
    (base / "apps/ROOT/ok.txt").write_text("ok\n")
    jars = os.pathsep.join(f"{TOMCAT_HOME}/bin/{name}.jar" for name in ("bootstrap", "tomcat-juli"))
    places = [f"-Dcatalina.home={TOMCAT_HOME}", f"-Dcatalina.base={base}", f"-Djava.io.tmpdir={base}/temp"]
    return ["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", jars, *places, _BOOTSTRAP, "start"]


_BOOTSTRAP = "org.apache.catalina.startup.Bootstrap"


def _go(setup: Setup) -> Sequence[str]:
    path = setup.folder / f"server-{setup.port}.go"
    path.write_text(GO.replace("PORT", str(setup.port)).replace("IDLE", str(round((setup.idle or 0) * 1000))))
    return ["run", str(path)]


def _puma(setup: Setup) -> Sequence[str]:
    path = setup.folder / f"puma-{setup.port}.rb"
    idle = "" if setup.idle is None else f"persistent_timeout {round(setup.idle)}\n"
    path.write_text(f'bind "tcp://127.0.0.1:{setup.port}"\nthreads 0, 40\n{idle}{PUMA}')
    return ["-C", str(path)]


RUNTIMES = (
    Program(
        "tomcat",
        ("java",),
        "tomcat10",
        ("-cp", f"{TOMCAT_HOME}/lib/catalina.jar", "org.apache.catalina.util.ServerInfo"),
        _tomcat,
        needs=TOMCAT_HOME or "/usr/share/tomcat10",
    ),
    Program("go-net-http", ("go",), "golang-go", ("version",), _go, writes=("GOCACHE", "GOPATH")),
    Program("puma", ("puma",), "puma", ("--version",), _puma),
)
"""Started the same way as the servers of tochain.reproduce.servers."""
