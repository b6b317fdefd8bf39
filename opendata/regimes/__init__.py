"""The five regulations as data: one YAML profile each, every rule with its article."""
