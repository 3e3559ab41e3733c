"""What every process asks itself before it serves anybody."""

import django
from django.apps import apps
from django.core.checks import ERROR, Tags, run_checks


def refuse_weak_settings() -> None:
    """Return if keys, limits and other settings of security pass their checks. Raises SystemExit,
    which names what is wrong: with a weak key whoever guesses it makes tokens of any operator.

    ``manage.py check`` asks the same and more, but nobody has to run it.
    """
    if not apps.ready:
        django.setup()
    wrong = [found for found in run_checks(tags=[Tags.security]) if found.level >= ERROR]
    if wrong:
        raise SystemExit("\n".join(("refused to start:", *map(str, wrong))))
