"""ingress-nginx (community): Ingress annotations over its ConfigMap over what is built in."""
