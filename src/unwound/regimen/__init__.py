"""Room: regimen."""
