"""Fits and what they are worth: posteriors, rivals in the same harness, scores on trials that were left out."""
