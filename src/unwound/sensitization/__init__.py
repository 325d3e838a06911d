"""Room: sensitization."""
