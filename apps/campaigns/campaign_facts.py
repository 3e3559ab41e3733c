"""Looks up which campaigns are active and what their result forms offer."""

from apps.campaigns.models import Campaign, Disposition, DispositionReason
from apps.campaigns.types import (
    DispositionChoice,
    FormChoices,
    Meaning,
    ReasonChoice,
    ResultOfCampaign,
)


def active_campaign_ids() -> set[int]:
    """The campaigns that take candidates now."""
    return set(Campaign.objects.filter(active=True).values_list("pk", flat=True))


def form_choices(campaign_id: int) -> FormChoices:
    """What the result form of the campaign offers, in its order."""
    reasons = DispositionReason.objects.filter(campaign_id=campaign_id, active=True)
    results = Disposition.objects.filter(campaign_id=campaign_id, active=True)
    return FormChoices(
        reasons=tuple(
            ReasonChoice(*row)
            for row in reasons.order_by("position", "pk").values_list("pk", "text")
        ),
        results=tuple(_choice(row) for row in results.order_by("position", "pk")),
    )


def _choice(row: Disposition) -> DispositionChoice:
    meaning = Meaning(row.meaning)
    return DispositionChoice(
        id=row.pk,
        text=row.result,
        meaning=meaning,
        needs_callback_time=meaning is Meaning.CALLBACK,
    )


def every_result() -> dict[int, ResultOfCampaign]:
    """Every result that any campaign's form offers or has offered, by the id of its disposition."""
    rows = Disposition.objects.values_list("pk", "campaign_id", "result", "meaning")
    return {
        pk: ResultOfCampaign(campaign_id, result, Meaning(meaning))
        for pk, campaign_id, result, meaning in rows
    }


def campaign_names() -> dict[int, str]:
    """The names of all campaigns by id, in the order in which people know them."""
    return dict(Campaign.objects.order_by("-active", "name", "pk").values_list("pk", "name"))
