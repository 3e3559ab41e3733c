"""Writes a campaign's description (``CampaignSpec``) to the tables, and reads it from them."""

from dataclasses import fields
from datetime import time
from typing import Any

from django.db import connection, transaction

from apps.campaigns.configuration.campaign_spec import SINGLE_VALUES, written
from apps.campaigns.models import Campaign, Disposition, DispositionReason, RedialRule
from apps.campaigns.types import CampaignSpec, DispositionSpec, Meaning, SystemDisposition

# the sequence must not hand out a number that was given explicitly
KEEP_SEQUENCE_AHEAD = """
SELECT setval(
    sequence, GREATEST((SELECT max(id) FROM "tm$campaigns"), nextval(sequence))
)
FROM (SELECT pg_get_serial_sequence('"tm$campaigns"', 'id')::regclass AS sequence) AS found
"""


def spec_of(campaign_id: int) -> CampaignSpec | None:
    """The campaign as the tables hold it; None when there is no campaign of this number."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        return None
    dispositions = campaign.dispositions.filter(active=True).order_by("position", "pk")
    reasons = campaign.reasons.filter(active=True).order_by("position", "pk")
    rules = campaign.redial_rules.order_by("system_disposition")
    single_values = {name: getattr(campaign, name) for name in SINGLE_VALUES}
    return CampaignSpec(
        **{**single_values, "description": campaign.description or ""},
        id=campaign.pk,
        name=campaign.name,
        weekday_hours=_hours(campaign.weekday_from, campaign.weekday_till),
        weekend_hours=_hours(campaign.weekend_from, campaign.weekend_till),
        reasons=tuple(reason.text for reason in reasons),
        dispositions=tuple(
            DispositionSpec(row.result, Meaning(row.meaning), row.block_minutes)
            for row in dispositions
        ),
        redial_minutes={
            SystemDisposition(rule.system_disposition): rule.delay_minutes for rule in rules
        },
    )


def export_campaign(campaign_id: int) -> dict[str, Any] | None:
    """The campaign as a mapping for ``read_campaign_spec``; None when there is no such campaign."""
    spec = spec_of(campaign_id)
    return written(spec) if spec else None


def _hours(opens: time, till: time) -> tuple[str, str]:
    return opens.strftime("%H:%M"), till.strftime("%H:%M")


def campaign_changes(spec: CampaignSpec) -> list[str]:
    """What applying ``spec`` would change, a line each; empty when nothing would."""
    current = spec_of(spec.id)
    if current is None:
        return [f"campaign {spec.id}: created, {spec.name}"]
    return [
        f"campaign {spec.id}: {field.name}: {before!r} → {after!r}"
        for field in fields(CampaignSpec)
        if (before := getattr(current, field.name)) != (after := getattr(spec, field.name))
    ]


@transaction.atomic
def apply_campaign(spec: CampaignSpec, *, dry_run: bool = False) -> list[str]:
    """Create or change the campaign as described. With ``dry_run`` nothing is written.

    Returns what changed, a line each; empty when nothing did. Dispositions and reasons that are no
    longer described are kept for the reports and not offered any more.
    """
    changes = campaign_changes(spec)
    if changes and not dry_run:
        campaign, _ = Campaign.objects.update_or_create(pk=spec.id, defaults=_columns(spec))
        with connection.cursor() as cursor:
            cursor.execute(KEEP_SEQUENCE_AHEAD)
        _apply_dispositions(campaign, spec)
        _apply_reasons(campaign, spec)
        _apply_redial_rules(campaign, spec)
    return changes


def _columns(spec: CampaignSpec) -> dict[str, Any]:
    return {
        **{name: getattr(spec, name) for name in SINGLE_VALUES},
        "name": spec.name,
        "weekday_from": spec.weekday_hours[0],
        "weekday_till": spec.weekday_hours[1],
        "weekend_from": spec.weekend_hours[0],
        "weekend_till": spec.weekend_hours[1],
    }


def _apply_dispositions(campaign: Campaign, spec: CampaignSpec) -> None:
    described = [disposition.result for disposition in spec.dispositions]
    campaign.dispositions.exclude(result__in=described).update(active=False)
    Disposition.objects.bulk_create(
        [
            Disposition(
                campaign=campaign,
                result=row.result,
                meaning=row.meaning.value,
                block_minutes=row.block_minutes,
                position=position,
                active=True,
            )
            for position, row in enumerate(spec.dispositions)
        ],
        update_conflicts=True,
        unique_fields=["campaign", "result"],
        update_fields=["meaning", "block_minutes", "position", "active"],
    )


def _apply_reasons(campaign: Campaign, spec: CampaignSpec) -> None:
    campaign.reasons.exclude(text__in=spec.reasons).update(active=False)
    DispositionReason.objects.bulk_create(
        [
            DispositionReason(campaign=campaign, text=text, position=position, active=True)
            for position, text in enumerate(spec.reasons)
        ],
        update_conflicts=True,
        unique_fields=["campaign", "text"],
        update_fields=["position", "active"],
    )


def _apply_redial_rules(campaign: Campaign, spec: CampaignSpec) -> None:
    campaign.redial_rules.all().delete()
    RedialRule.objects.bulk_create(
        RedialRule(campaign=campaign, system_disposition=key.value, delay_minutes=minutes)
        for key, minutes in spec.redial_minutes.items()
    )
