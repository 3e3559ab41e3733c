"""What tests and benchmarks share: factories, stand-ins, processes to test against, waiting.

``testing.plugin`` is the pytest plugin that offers the fixtures. Production code imports nothing of
this package.
"""
