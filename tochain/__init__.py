"""tochain finds timers of neighbouring hops that do not fit each other."""

__all__ = ["__version__"]

__version__ = "0.1.0"
