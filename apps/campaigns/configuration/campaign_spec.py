"""Reads a campaign from its mapping in a configuration file, and writes the mapping again."""

from dataclasses import fields
from datetime import time
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, PlainValidator, model_validator

from apps.campaigns.models import MAX_ATTEMPTS_CEILING
from apps.campaigns.time_zones import ZONE_NAMES
from apps.campaigns.types import CampaignSpec, DispositionSpec, Meaning, SystemDisposition
from common.configuration import (
    Configured,
    Place,
    each_once,
    one_of,
    read,
    text,
    whole,
    wrong,
)

MAX_MINUTES = 366 * 24 * 60  # a year; longer blocks are a mistake
LEFT_OUT: Any = None  # a key that is not given takes the default of CampaignSpec
# settings that are a single value, which the file, CampaignSpec and the campaign's row hold under
# one name
SINGLE_VALUES = tuple(
    one.name for one in fields(CampaignSpec) if isinstance(one.default, str | int)
)

Minutes = Annotated[int, whole(0, MAX_MINUTES)]
Answer = Annotated[str, text(128, required=True)]  # one that the operator's form offers


def _hours(value: Any) -> tuple[str, str]:
    """``09:00-20:00``; 24:00 is written for the end of the day."""
    ends = value.split("-") if isinstance(value, str) else []
    try:
        opens, till = (time.fromisoformat("00:00" if end == "24:00" else end) for end in ends)
        is_reversed = opens > till != time(0)
    except (ValueError, TypeError):  # TypeError: only one of them has an offset from UTC
        raise wrong(_("hours such as 09:00-20:00")) from None
    if is_reversed:
        raise wrong(_("hours such as 09:00-20:00, the first before the second"))
    return opens.strftime("%H:%M"), till.strftime("%H:%M")


Hours = Annotated[tuple[str, str], PlainValidator(_hours)]


class _Week(Configured):
    weekdays: Hours = LEFT_OUT
    weekends: Hours = LEFT_OUT


class _Disposition(Configured):
    result: Answer
    meaning: Annotated[Meaning, Field(strict=False)]
    block_minutes: Minutes = 0

    @model_validator(mode="after")
    def _redial_is_not_at_once(self) -> "_Disposition":
        if self.meaning is Meaning.REDIAL and self.block_minutes == 0:
            expected = _("at least 1 where the meaning is REDIAL")
            raise wrong(expected, 0, at=("block-minutes",))
        return self


def _each_result_once(dispositions: list[_Disposition]) -> list[_Disposition]:
    each_once([disposition.result for disposition in dispositions])
    return dispositions


class _Campaign(Configured):
    """The keys of a campaign. Those that are not read into another shape have the names of the
    fields of CampaignSpec."""

    name: Annotated[str, text(64, required=True)] = LEFT_OUT
    description: Annotated[str, text(256)] = LEFT_OUT
    script: Annotated[str, text(20_000)] = LEFT_OUT
    active: bool = LEFT_OUT
    priority: Annotated[int, whole(-1000, 1000)] = LEFT_OUT
    time_zone: Annotated[str, one_of(ZONE_NAMES)] = LEFT_OUT
    hours: _Week = LEFT_OUT
    max_attempts: Annotated[int, whole(1, MAX_ATTEMPTS_CEILING)] = LEFT_OUT
    min_in_flight: Annotated[int, whole(0, 10_000)] = LEFT_OUT
    reasons: Annotated[list[Answer], AfterValidator(each_once)] = LEFT_OUT
    dispositions: Annotated[list[_Disposition], AfterValidator(_each_result_once)] = LEFT_OUT
    redial: dict[Annotated[SystemDisposition, Field(strict=False)], Minutes] = LEFT_OUT


def read_campaign_spec(campaign_id: int, value: Any, place: Place) -> CampaignSpec:
    """The campaign that a mapping describes; ``place`` is where the mapping stands, for messages.

    Keys left out take the defaults of CampaignSpec; the name defaults to the number. Raises
    ConfigError, which names place, value and what was expected.
    """
    spec = _given(read(_Campaign, value, place))
    hours = _given(spec.pop("hours")) if "hours" in spec else {}
    spec |= {f"{days.removesuffix('s')}_hours": window for days, window in hours.items()}
    if "redial" in spec:
        spec["redial_minutes"] = spec.pop("redial")
    spec["reasons"] = tuple(spec.get("reasons", ()))
    spec["dispositions"] = tuple(
        DispositionSpec(result=one.result, meaning=one.meaning, block_minutes=one.block_minutes)
        for one in spec.get("dispositions", ())
    )
    spec.setdefault("name", _("Campaign %(number)d") % {"number": campaign_id})
    return CampaignSpec(id=campaign_id, **spec)


def _given(model: Configured) -> dict[str, Any]:
    return {name: getattr(model, name) for name in model.model_fields_set}


def written(spec: CampaignSpec) -> dict[str, Any]:
    """The mapping that ``read_campaign_spec`` reads as ``spec``. Defaults are left out."""
    defaults = {field.name: field.default for field in fields(CampaignSpec)}
    out: dict[str, Any] = {"name": spec.name}
    out |= {
        name.replace("_", "-"): getattr(spec, name)
        for name in SINGLE_VALUES
        if getattr(spec, name) != defaults[name]
    }
    out["hours"] = {
        "weekdays": _hours_text(spec.weekday_hours),
        "weekends": _hours_text(spec.weekend_hours),
    }
    if spec.reasons:
        out["reasons"] = list(spec.reasons)
    if spec.dispositions:
        out["dispositions"] = [_disposition_written(d) for d in spec.dispositions]
    if spec.redial_minutes:
        out["redial"] = {key.value: minutes for key, minutes in spec.redial_minutes.items()}
    return out


def _hours_text(ends: tuple[str, str]) -> str:
    opens, till = ends
    return f"{opens}-{'24:00' if till == '00:00' else till}"


def _disposition_written(spec: DispositionSpec) -> dict[str, Any]:
    out: dict[str, Any] = {"result": spec.result, "meaning": spec.meaning.value}
    if spec.block_minutes:
        out["block-minutes"] = spec.block_minutes
    return out
