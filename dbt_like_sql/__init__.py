"""SQL as text: models with ref() and source(), compiled, checked and traced column by column."""
