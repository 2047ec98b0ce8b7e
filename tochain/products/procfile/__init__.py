"""Procfiles: one process type a line."""
