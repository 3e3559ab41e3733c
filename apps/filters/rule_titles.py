"""The names that people read for the rules in verdicts and in the ledger."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from apps.campaigns.types import StoryEntry
from apps.filters.cascade.compiled_cascade import SETTINGS
from apps.filters.judging.judge import OUTDATED, UNEXPECTED_ERROR
from apps.filters.judging.rejudging import REJUDGE
from apps.filters.judging.verdict_writer import NO_CAMPAIGN, WHOLE_CASCADE
from apps.filters.rules import RULES
from apps.filters.rules.ml_checks import PREFIX, checks_named


def rule_title(rule: str) -> str:
    """What people call this filter or decision; the code itself for one that is not known."""
    words = {
        WHOLE_CASCADE: _("all filters"),
        NO_CAMPAIGN: _("no campaign"),
        OUTDATED: _("newer version"),
        SETTINGS: _("settings of the cascade"),
        UNEXPECTED_ERROR: _("unexpected error"),
        REJUDGE: _("judging again"),
    }
    if rule in words:
        return words[rule]
    check = checks_named([rule.removeprefix(PREFIX)]) if rule.startswith(PREFIX) else {}
    found = RULES.get(rule) or check.get(rule)
    return str(found.title) if found else rule


def with_rule_titles(entries: Iterable[StoryEntry]) -> list[StoryEntry]:
    """The entries with names in place of the codes of rules."""
    return [
        replace(entry, rule=rule_title(entry.rule)) if entry.rule else entry for entry in entries
    ]
