"""Exceptions that end the launcher; a person reads their messages."""


class LauncherError(Exception):
    """Ends the launcher with this message and exit code 1, without a traceback."""


class StopRequestedError(Exception):
    """Ctrl-C or SIGTERM arrived while something was being waited for."""
