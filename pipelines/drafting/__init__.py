"""Drafting: a department's file is read, and a whole catalog entry proposed with evidence."""
