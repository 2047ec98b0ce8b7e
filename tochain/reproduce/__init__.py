"""Shows a finding happening: the real programs of a hop on loopback, with the reader's own timers scaled down."""

from tochain.reproduce.stage import Shown, show

__all__ = ["Shown", "show"]
