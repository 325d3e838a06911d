"""Room: trials."""
