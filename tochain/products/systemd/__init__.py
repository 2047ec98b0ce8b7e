"""systemd units: how services of a host are started and stopped."""
