"""Floor 0: words that everyone shares: units, errors, verdicts, random streams, signals between rooms."""
