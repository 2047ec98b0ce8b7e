"""Reads how containers are started."""
