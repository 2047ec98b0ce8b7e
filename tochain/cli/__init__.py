"""The commands, one small file each; no logic."""
