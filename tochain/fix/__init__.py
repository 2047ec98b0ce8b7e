"""What findings propose to change."""
