"""What others may ask the filters about. Each name's promise stands where it is defined."""

from apps.filters.back_office.story import (
    Story,
    refused_rows_of_number,
    stories_of_number,
)
from apps.filters.cascade.config_file import export_config, settings_of_file
from apps.filters.cascade.streams import streams_of_campaigns_file, streams_of_stored_cascades
from apps.filters.judged_rows import judged_rows, taken_statuses
from apps.filters.judging.backlog import backlog
from apps.filters.judging.dry_run import Comparison
from apps.filters.judging.runs import find_run, unfinished_runs
from apps.filters.known_clients import (
    applications_of_number,
    applications_of_phones,
    clients_of_digits,
    clients_of_name,
    clients_of_phones,
    find_client,
)
from apps.filters.listing import list_applications
from apps.filters.rule_titles import with_rule_titles

__all__ = [
    "Comparison",
    "Story",
    "applications_of_number",
    "applications_of_phones",
    "backlog",
    "clients_of_digits",
    "clients_of_name",
    "clients_of_phones",
    "export_config",
    "find_client",
    "find_run",
    "judged_rows",
    "list_applications",
    "refused_rows_of_number",
    "settings_of_file",
    "stories_of_number",
    "streams_of_campaigns_file",
    "streams_of_stored_cascades",
    "taken_statuses",
    "unfinished_runs",
    "with_rule_titles",
]
