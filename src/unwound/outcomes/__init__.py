"""Room: outcomes."""
