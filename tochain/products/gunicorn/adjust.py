"""gunicorn's conditions: which worker class runs decides whether keepalive and timeout mean anything."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import NEVER, OFF
from tochain.products.amend import amended, first, text_of
from tochain.products.base import Site

__all__ = ["adjust", "issues"]

_CLASS = ("--worker-class", "-k", "worker_class")
_THREADS = ("--threads", "threads")
_SOURCE = "https://docs.gunicorn.org/en/stable/settings.html#keepalive"


def worker(site: Site) -> str:
    """The worker class in force: sync, gthread, ...; "" where a file is read and the command line is not."""
    written = first(site, *_CLASS)
    threads = first(site, *_THREADS)
    if written is not None:
        name = "" if written.limit is not None else written.text.strip().rpartition(".")[2].lower()
    else:
        keepalive = first(site, "keepalive", "keep_alive")
        # Who declares keepalive in tochain.yaml and no class has workers that it means something to.
        declared = keepalive is not None and keepalive.origin == "declared"
        name = "sync" if first(site, "gunicorn.conf.py") is None and not declared else ""
    if name in ("sync", "syncworker", "") and threads is not None:
        many = threads.limit is None and threads.text.isdecimal() and int(threads.text) > 1
        return "gthread" if many and written is None else "gthread" if many and name else name
    return "sync" if name == "syncworker" else name


def adjust(facts: Facts, site: Site) -> Facts:
    """No keep-alive with sync workers; no limit for a request with any other."""
    out = dict(facts)
    kind = worker(site)
    if kind == "sync":
        said = "worker class sync" if text_of(site, *_CLASS) else "no worker class is set, so it is sync"
        amended(out, "accept.idle_close", lambda _: OFF, f"{said}: every response closes its connection")
    elif kind:
        amended(
            out,
            "accept.request_total",
            lambda _: NEVER,
            f"worker class {kind}: timeout watches the worker, not one request",
        )
    return out


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A keepalive that sync workers ignore."""
    setting = first(site, "--keep-alive", "--keepalive", "keepalive", "keep_alive")
    if setting is None or worker(site) != "sync":
        return ()
    text = "keepalive has no effect with the sync worker, which closes after every response"
    return (
        Issue(
            "keepalive-without-effect",
            "keepalive",
            setting.text,
            setting.span,
            text,
            "accept.idle_close",
            source=_SOURCE,
        ),
    )
