"""Room: population."""
