"""Room: pharmacokinetics."""
