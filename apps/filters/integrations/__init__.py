"""Clients of the outside services BlackList, Casper and Abram."""
