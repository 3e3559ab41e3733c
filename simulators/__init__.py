"""HTTP servers that stand in for BlackList, Casper, Abram and MightyCall: `python -m
simulators`.
"""
