"""Starts the whole system on one machine: servers from wheels, the application, the simulators."""
