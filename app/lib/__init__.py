"""What knows nothing of Heliograph and could be published on its own."""
