"""Shows a finding happening: the real programs of a hop on loopback, with the reader's own timers scaled down."""

from tochain.reproduce.show import Shown, show

__all__ = ["Shown", "show"]
