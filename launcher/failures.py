"""What the launcher says when it cannot go on; everything here is meant to be read by a person."""


class LauncherError(Exception):
    """Ends the launcher with this message and exit code 1, without a traceback."""


class StopRequestedError(Exception):
    """Ctrl-C or SIGTERM arrived while something was being waited for."""
