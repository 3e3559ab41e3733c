"""Honest stand-ins for BlackList, Casper, Abram and MightyCall: `python -m simulators`."""
