"""What every result says of itself, everywhere it goes."""

SIMULATION_ONLY = "Simulation for research and education, not for clinical use"
"""A field of every JSON, CSV, Parquet manifest, figure, schedule and report."""
