"""Room: patient."""
