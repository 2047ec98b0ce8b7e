"""The words every other part speaks in; a leaf that needs the standard library only."""
