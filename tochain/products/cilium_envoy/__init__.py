"""The Envoy of Cilium: what serves its Ingresses and Gateways."""
