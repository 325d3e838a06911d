"""unwound (front door; names are added as rooms open)."""
