"""Peers side by side: other judges of tables, each in an environment of its own."""
