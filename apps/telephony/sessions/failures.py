"""Why MightyCall has not confirmed an operator, in the words that people read; they are kept in
``MightyCallActiveOperator.last_error``."""

from django.utils.translation import gettext_noop

OPEN_ELSEWHERE = gettext_noop("the operator has another session in MightyCall")
NO_ANSWER = gettext_noop("MightyCall does not answer")
ACCOUNT_REJECTED = gettext_noop("MightyCall refuses the operator's account")
