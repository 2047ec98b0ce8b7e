"""Which folder's names a configuration file speaks: its own folder, without the usual places for configuration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

__all__ = ["folder", "folder_of_scope", "folder_scope", "top_folder"]

_CONFIG_FOLDERS = frozenset(
    [
        "etc",
        "nginx",
        "openresty",
        "conf",
        "conf.d",
        "config",
        "configs",
        "configuration",
        "sites-available",
        "sites-enabled",
        "templates",
        "snippets",
        "deploy",
        "deployment",
        "docker",
        "haproxy",
        "envoy",
        "traefik",
        "caddy",
        "apache",
        "apache2",
        "httpd",
        "gunicorn",
        "uwsgi",
        "php",
        "php-fpm",
        "fpm",
        "pool.d",
        "php-fpm.d",
        "postgresql",
        "mysql",
        "redis",
        "rabbitmq",
        "mosquitto",
        "prometheus",
        "sysctl.d",
        "local",
        "system",
        "systemd",
        "usr",
        "opt",
        "src",
        "main",
        "resources",
        "WEB-INF",
        "default",
        "include",
        "includes",
    ]
)


def folder(path: str) -> str:
    """The folder a configuration file belongs to, without trailing configuration folders; "" is the top."""
    parts = list(PurePosixPath(path).parts[:-1])
    if "etc" in parts:
        # A tree that is laid over a host or an image: everything below its etc is one machine's.
        parts = parts[: parts.index("etc")]
    while parts and (parts[-1] in _CONFIG_FOLDERS):
        parts.pop()
    return "/".join(part for part in parts if part not in (".", "/"))


def folder_scope(path: str) -> str:
    """The scope of names of a plain file, "dir:" and its folder."""
    return f"dir:{folder(path)}"


def folder_of_scope(scope: str) -> str | None:
    """The folder of a "dir:" scope; None for any other kind."""
    return scope[4:] if scope.startswith("dir:") else None


def top_folder(paths: Iterable[str]) -> str:
    """The folder all files of a run lie in, with a slash behind; "" for the current one.

    What is asked for by name is no test because of the folders around it.
    """
    folders = {path.rpartition("/")[0] for path in paths}
    if not folders:
        return ""
    first, last = min(folders).split("/"), max(folders).split("/")
    differ = (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    shared = next(differ, min(len(first), len(last)))
    joined = "/".join(first[:shared])
    return f"{joined}/" if joined else ""
