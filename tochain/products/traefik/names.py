"""Where Traefik's options stand and what its facts call them."""

from __future__ import annotations

__all__ = ["ENTRY_POINT", "HEALTH", "RETRY", "TCP_TRANSPORT", "TLS_OPTIONS", "TRANSPORT", "V1_GLOBAL"]

ENTRY_POINT = {
    "transport.respondingTimeouts.idleTimeout": "respondingTimeouts.idleTimeout",
    "transport.respondingTimeouts.readTimeout": "respondingTimeouts.readTimeout",
    "transport.respondingTimeouts.writeTimeout": "respondingTimeouts.writeTimeout",
    "transport.keepAliveMaxRequests": "transport.keepAliveMaxRequests",
    "transport.keepAliveMaxTime": "transport.keepAliveMaxTime",
    "transport.lifeCycle.graceTimeOut": "lifeCycle.graceTimeOut",
    "transport.lifeCycle.requestAcceptGraceTimeout": "lifeCycle.requestAcceptGraceTimeout",
    "udp.timeout": "udp.timeout",
}
V1_GLOBAL = {
    "respondingTimeouts.idleTimeout": "respondingTimeouts.idleTimeout",
    "respondingTimeouts.readTimeout": "respondingTimeouts.readTimeout",
    "respondingTimeouts.writeTimeout": "respondingTimeouts.writeTimeout",
    "lifeCycle.graceTimeOut": "lifeCycle.graceTimeOut",
    "lifeCycle.requestAcceptGraceTimeout": "lifeCycle.requestAcceptGraceTimeout",
    "graceTimeOut": "lifeCycle.graceTimeOut",
}
TLS_OPTIONS = {"sniStrict": "tls.options.default.sniStrict"}
TRANSPORT = {
    "forwardingTimeouts.dialTimeout": "forwardingTimeouts.dialTimeout",
    "forwardingTimeouts.responseHeaderTimeout": "forwardingTimeouts.responseHeaderTimeout",
    "forwardingTimeouts.idleConnTimeout": "forwardingTimeouts.idleConnTimeout",
    "forwardingTimeouts.readIdleTimeout": "forwardingTimeouts.readIdleTimeout",
    "forwardingTimeouts.pingTimeout": "forwardingTimeouts.pingTimeout",
    "maxIdleConnsPerHost": "maxIdleConnsPerHost",
    "serverName": "serversTransport.serverName",
}
TCP_TRANSPORT = {"dialTimeout": "dialTimeout", "dialKeepAlive": "dialKeepAlive", "terminationDelay": "terminationDelay"}
RETRY = {
    "retry.attempts": "retry.attempts",
    "retry.initialInterval": "retry.initialInterval",
    "retry.timeout": "retry.timeout",
}
HEALTH = {
    "healthCheck.interval": "loadBalancer.healthCheck.interval",
    "healthCheck.timeout": "loadBalancer.healthCheck.timeout",
}
