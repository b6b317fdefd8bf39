"""Real Great Expectations: oracle, judge of its own types, builder of Data Docs, on demand only.

The one package that imports it, and only inside functions: importing it costs about seven CPU
seconds and 270 MB, so what is on the way to a release calls it in a process apart, if at all.
"""
