"""The law and its vocabulary, as plain Python: values and rules, text in, text out.

No Dagster, no frames, no files. Whoever needs I/O lives in another room.
"""
