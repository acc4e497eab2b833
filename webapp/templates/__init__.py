"""Templates with their schemas, and saved configurations."""
