"""What the trials say of the model: joint fits with their uncertainty, rivals in the same harness, weights."""
