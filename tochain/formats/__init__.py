"""Text to trees with places; each file knows one syntax and no product."""
