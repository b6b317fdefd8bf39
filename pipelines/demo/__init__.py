"""The demo city: a seeded generator of dirty source files and the catalog that binds them."""
