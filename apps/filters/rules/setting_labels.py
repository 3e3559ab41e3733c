"""How the form calls the settings, and what it says of them; the keys are those of the YAML file.

A setting without words here is shown by its key.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

LABELS: dict[str, Any] = {
    "data-streams": _("data streams"),
    "request-statuses": _("application statuses"),
    "phone-templates": _("masks of the number"),
    "citizenship-unavailable-countries": _("citizenships that are not served"),
    "citizenship-required": _("citizenship is required"),
    "age-required": _("date of birth is required"),
    "min-age": _("youngest age"),
    "max-age": _("oldest age"),
    "min-grace": _("shortest grace period"),
    "max-grace": _("longest grace period"),
    "min-term": _("shortest term"),
    "max-term": _("longest term"),
    "min-amount": _("smallest amount"),
    "max-amount": _("largest amount"),
    "client-types": _("client types"),
    "product-types": _("product types"),
    "loan-statuses": _("loan statuses"),
    "scoring-results": _("scoring results"),
    "sexes": _("sexes"),
    "device-oses": _("device OSes"),
    "quiet-days": _("days of quiet"),
    "ml-skip-error": _("skip errors of ML"),
    "casper-conditions": _("conditions that forbid the call"),
    "products": _("wanted products"),
}
HELP: dict[str, Any] = {
    "data-streams": _("Streams of the campaign, separated by commas, e.g. MOBILE_LOANS."),
    "request-statuses": _("created, registered, scored, canceled; empty: any."),
    "phone-templates": _("A mask a line; the whole number must match one. Empty: any number."),
    "citizenship-unavailable-countries": _("Three letters each, e.g. BLR, UKR."),
    "citizenship-required": _("An empty citizenship stops the application."),
    "age-required": _("A missing date of birth stops the application."),
    "min-age": _("Full years today, Moscow date."),
    "max-age": _("Full years today, Moscow date."),
    "min-grace": _("Days; a month is 30."),
    "max-grace": _("Days; a month is 30."),
    "min-term": _("Days; a month is 30."),
    "max-term": _("Days; a month is 30."),
    "min-amount": _("Rubles: the approved amount, else the desired one."),
    "max-amount": _("Rubles: the approved amount, else the desired one."),
    "client-types": _("pioneer, repeater."),
    "product-types": _("E.g. express, consumer, overdraft."),
    "loan-statuses": _("empty, transferred, received, canceled, repaid."),
    "scoring-results": _("empty, approved, rejected."),
    "sexes": _("M, F."),
    "device-oses": _("E.g. ANDROID, IOS."),
    "quiet-days": _("Nobody is called again within so many days."),
    "ml-skip-error": _("On: a check that fails for ML's own reasons is skipped. Off: it stops."),
    "casper-conditions": _("What forbids a call, in YAML: - {field: loans.status, in: [overdue]}"),
    "products": _("Any of these products; empty: any product at all."),
}
