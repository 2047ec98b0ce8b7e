"""What names nginx knows: which are blocks, which take how many arguments, and where they may stand.

The bulk is crossplane's table of directives, imported when it is first asked; what nginx got since, and modules found
in many configurations, is added here by name or prefix.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Final

__all__ = ["BLOCK_HOMES", "FREE_BLOCKS", "allowed", "is_known", "is_leaf", "is_lua_block", "most_args", "nearest"]

BLOCK_HOMES: Final[dict[str, frozenset[str]]] = {
    "events": frozenset(),
    "http": frozenset(),
    "stream": frozenset(),
    "mail": frozenset(),
    "server": frozenset({"http", "stream", "mail", "rtmp"}),
    "upstream": frozenset({"http", "stream"}),
    "map": frozenset({"http", "stream"}),
    "geo": frozenset({"http", "stream"}),
    "split_clients": frozenset({"http", "stream"}),
    "location": frozenset({"server", "location"}),
}
"""Blocks and what may stand directly around them; used to find where an unclosed block must have ended."""

FREE_BLOCKS: Final = frozenset({"map", "types", "geo", "split_clients", "charset_map", "match", "geoip2", "js_var"})
"""Blocks whose entries are data, not directives."""

_BLOCKS: Final = frozenset(
    {"rtmp", "application", "geoip2", "mgmt", "otel_exporter", "match", "acme_issuer", "limit_except"}
)
_NEWER: Final = frozenset(
    """
    http2 http3 keepalive_time keepalive_min_timeout proxy_half_close proxy_cookie_flags ssl_conf_command auth_delay
    ssl_reject_handshake ssl_key_log ssl_ocsp ssl_ocsp_responder ssl_ocsp_cache ssl_certificate_cache
    ssl_object_cache_inheritable uwsgi_ssl_certificate_cache proxy_ssl_certificate_cache grpc_ssl_certificate_cache
    ssl_client_certificate ssl_early_data early_hints max_headers proxy_limit_rate proxy_pass_trailers
    grpc_limit_rate proxy_allow_upstream proxy_request_dynamic proxy_ssl_key_log grpc_ssl_key_log uwsgi_ssl_key_log
    proxy_ssl_alpn grpc_ssl_alpn ssl_alpn proxy_ssl_conf_command grpc_ssl_conf_command uwsgi_ssl_conf_command
    pass set real_ip_header set_real_ip_from subrequest_output_buffer_size limit_req_dry_run limit_conn_dry_run
    auth_oidc oidc_provider sticky state ntlm random zone_sync_interval internal_redirect proxy_bind_dynamic
    mp4_start_key_frame ignore_invalid_headers xclient debug_points worker_aio_requests resolver_timeout
    access_log_bypass_if geo limit_rate limit_rate_after image_filter_webp_quality tcp_nodelay userid_flags
    status_zone tunnel_pass stub_status ip_hash hash least_conn fair check check_http_send check_http_expect_alive
    check_status check_keepalive_requests jvm_route upsync upsync_dump_path allow deny load_module
    ssl_engine ssl_dhparam ssl_stapling postpone_output include env daemon pcre_jit access_log error_log
    fancyindex fancyindex_exact_size aio_write sub_filter subs_filter subs_filter_types headers_in
    set_misc set_unescape_uri set_escape_uri set_decode_base64 set_encode_base64 set_secure_random_alphanum
    auth_pam auth_pam_service_name auth_ldap auth_ldap_servers auth_gssapi auth_digest spnego
    dav_ext_methods dav_ext_lock dav_ext_lock_zone create_full_put_path testcookie srcache_fetch srcache_store
    slice proxy_http_version mirror mirror_request_body app_protect_enable upstream_conf api default
    """.split()  # noqa: SIM905 - a list of one hundred quoted words is harder to read
)
_PREFIXES: Final = (
    "lua_", "js_", "brotli", "zstd", "otel_", "opentracing", "opentelemetry", "modsecurity", "geoip2", "more_", "echo",
    "passenger_", "pagespeed", "vhost_traffic_status", "push_stream", "rtmp", "quic_", "http3_", "http2_", "tunnel_",
    "auth_jwt", "auth_request", "auth_basic", "auth_oidc", "acme_", "mgmt", "app_protect", "ssl_ct", "set_by_lua",
    "upload_", "redis2_", "redis_", "drizzle_", "postgres_", "memc_", "dyups", "concat", "vod", "hls", "dash",
    "fancyindex", "naxsi", "headers_more", "cache_purge", "fastcgi_cache_purge", "proxy_cache_purge", "balancer_",
    "xslt_", "perl", "image_filter", "stream_lua", "preread_by_lua", "ndk_", "ssl_preread", "proxy_upload", "nchan_",
    "datadog_", "sentry", "dynamic_", "limit_traffic", "substitutions", "check_", "session_", "shib_", "ajp_",
    "zone_sync", "health_check", "access_by_", "content_by_", "log_by_", "header_filter_by_", "body_filter_by_",
    "rewrite_by_", "init_by_", "init_worker_by_", "exit_worker_by_", "ssl_certificate_by_", "ssl_session_",
    "ssl_client_hello_by_", "server_rewrite_by_", "precontent_by_", "geoip_", "secure_link", "tcp_", "oidc_",
)  # fmt: skip

_MANY: Final = 1000


def is_lua_block(name: str) -> bool:
    """Whether a directive's block is Lua code."""
    return name.endswith("_by_lua_block")


@cache
def _table() -> dict[str, list[int]]:
    from crossplane.analyzer import DIRECTIVES

    table: dict[str, list[int]] = DIRECTIVES
    return table


@cache
def is_known(name: str) -> bool:
    """Whether nginx, or one of the modules listed here, has a directive of that name."""
    return name in _table() or name in _NEWER or name in _BLOCKS or name.startswith(_PREFIXES)


@cache
def is_leaf(name: str) -> bool:
    """Whether a known directive of nginx itself never has a block."""
    from crossplane.analyzer import NGX_CONF_BLOCK

    masks = _table().get(name)
    return bool(masks) and name not in _BLOCKS and not any(mask & NGX_CONF_BLOCK for mask in masks or ())


@cache
def most_args(name: str) -> int:
    """The largest number of arguments a directive takes; very many where nginx sets no bound or nothing is known."""
    from crossplane import analyzer

    most = 0
    for mask in _table().get(name, ()):
        if mask & (analyzer.NGX_CONF_ANY | analyzer.NGX_CONF_1MORE | analyzer.NGX_CONF_2MORE):
            return _MANY
        counts = [count for count in range(8) if mask & (1 << count)]
        most = max(most, 1 if mask & analyzer.NGX_CONF_FLAG else 0, *counts, 0)
    return most if name in _table() else _MANY


@cache
def allowed(name: str, context: tuple[str, ...]) -> bool | None:
    """Whether a directive may stand in a context such as ("http", "location"); None when the table cannot tell."""
    from crossplane.analyzer import CONTEXTS

    masks, bit = _table().get(name), CONTEXTS.get(context)
    if masks is None or bit is None:
        return None
    return any(mask & bit for mask in masks)


@cache
def nearest(name: str) -> str:
    """The known directive a misspelt name is nearest to; empty when none is near."""
    near = get_close_matches(name, [*_table(), *_NEWER], n=1, cutoff=0.8)
    return near[0] if near else ""
