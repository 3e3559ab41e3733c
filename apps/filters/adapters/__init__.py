"""Answers to ports of the core (call guard, client records), and the notices to BlackList."""
