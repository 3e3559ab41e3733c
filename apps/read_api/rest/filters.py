"""What may be filtered by, for each kind of row. A filter is named in the address as its field is
in the answer.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.fields import IsoDateTimeField
from drf_spectacular.utils import extend_schema_field

from apps.campaigns.types import (
    CommunicationState,
    DecisionVerdict,
    Step,
    SystemDisposition,
    TaskOutcome,
    TaskState,
)
from apps.filters.types import ApplicationStatus, ClientType, LoanStatus
from apps.read_api.pages import Order, Page, Place, page_of, page_of_window
from apps.read_api.rest.cursors import LONGEST_ID
from apps.security.types import Role
from common.serializers import camel_case

PHONE = r"^7[0-9]{10}\Z"


class NumberFilter(django_filters.Filter):  # type: ignore[misc]
    """Equal to a whole number."""

    field_class = forms.IntegerField

    def __init__(self, help_text: Any, **options: Any) -> None:
        bounds = {"min_value": 0, "max_value": LONGEST_ID}
        super().__init__(**{"help_text": help_text, **bounds, **options})
        _document(self, help_text, type="integer", minimum=0, maximum=LONGEST_ID)


class PhoneFilter(django_filters.CharFilter):  # type: ignore[misc]
    """A whole number, never a part of one: whoever sees phones masked could guess them by parts."""

    def __init__(self) -> None:
        help_text = _("A whole phone: 79963802789")
        super().__init__(help_text=help_text, validators=[_phone])
        _document(self, help_text, type="string", pattern="^7[0-9]{10}$")


class TextFilter(django_filters.CharFilter):  # type: ignore[misc]
    """Equal to a text."""

    def __init__(self, help_text: Any, max_length: int) -> None:
        super().__init__(help_text=help_text, max_length=max_length)


class ChoiceFilter(django_filters.ChoiceFilter):  # type: ignore[misc]
    """One of the words of an enumeration."""

    def __init__(self, words: Any, help_text: Any, column: str | None = None) -> None:
        super().__init__(
            field_name=column,
            choices=[(word.value, word.label) for word in words],
            help_text=help_text,
            empty_label=None,
        )


class FlagFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]
    """true or false."""

    def __init__(self, help_text: Any) -> None:
        super().__init__(
            choices=[("true", "true"), ("false", "false")],
            coerce=lambda text: text == "true",
            help_text=help_text,
        )
        _document(self, help_text, type="boolean")


class MomentField(IsoDateTimeField):  # type: ignore[misc]
    """A moment in UTC. PostgreSQL refuses offsets that Python takes, such as -21:40."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """A bound of the time by which rows are ordered; ``RowFilters.page`` applies it."""

    field_class = MomentField

    def __init__(self, help_text: Any) -> None:
        super().__init__(help_text=help_text)


def _document(one: django_filters.Filter, help_text: Any, **schema: Any) -> None:
    """Say in the published description what the filter takes; the library cannot tell."""
    extend_schema_field({**schema, "description": help_text})(one)


_phone = RegexValidator(PHONE, _("A phone has 11 digits, the first is 7."))


class RowFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Filters of one kind of row, and pages of the rows that pass them.

    ``time`` is the column by which the rows are ordered. Each filter named in ``indexed`` leads to
    few rows by an index of its own.
    """

    time: ClassVar[str] = "wtime"
    indexed: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        since, until = cls._bound_names()
        bounds = {
            since: MomentFilter(_("From this moment on, ISO 8601: 2026-11-25T09:00:00Z")),
            until: MomentFilter(_("Before this moment, ISO 8601: 2026-11-26T09:00:00Z")),
        }
        own = super().get_filters()
        return bounds | {camel_case(name): one for name, one in own.items()}

    def page(self, limit: int, *, newest_first: bool, after: Place | None = None) -> Page[Any]:
        """The next rows that pass every filter. Only when the filters are valid. Raises
        TooLongError."""
        names = self._chosen()
        is_narrow = bool(names & {camel_case(name) for name in self.indexed})
        order = Order(self.time, newest_first=newest_first, by_index=not is_narrow)
        chosen = order.between(self._filtered(), *self._bounds())
        if is_narrow or not names:
            return page_of(chosen, order, limit, after)
        found = order.between(self.queryset, *self._bounds())
        return page_of_window(found, chosen, order, limit, after)

    @classmethod
    def _bound_names(cls) -> tuple[str, str]:
        time = "created" if cls.time == "wtime" else cls.time.removesuffix("_at")
        return f"{time}From", f"{time}To"

    def _bounds(self) -> tuple[datetime | None, datetime | None]:
        since, until = (self.form.cleaned_data[name] for name in self._bound_names())
        return since, until

    def _chosen(self) -> set[str]:
        """The filters that were asked for, without the bounds of the time."""
        empty = (None, "")
        given = {name for name, value in self.form.cleaned_data.items() if value not in empty}
        return given - set(self._bound_names())

    def _filtered(self) -> "QuerySet[Any]":
        rows: QuerySet[Any] = self.queryset
        for name in sorted(self._chosen()):
            rows = self.filters[name].filter(rows, self.form.cleaned_data[name])
        return rows


class CampaignFilters(RowFilters):
    active = FlagFilter(_("Whether the campaign calls"))


class OperatorFilters(RowFilters):
    role = ChoiceFilter(Role, _("What the operator may do"))
    locked = FlagFilter(_("Whether the operator is locked"))


class ApplicationFilters(RowFilters):
    indexed = frozenset({"phone", "application_number"})

    phone = PhoneFilter()
    application_number = TextFilter(_("The whole number of the application"), 32)
    stream = TextFilter(_("Name of the data stream"), 64)
    application_status = ChoiceFilter(ApplicationStatus, _("How far the application has come"))
    loan_status = ChoiceFilter(LoanStatus, _("How far the loan has come"))
    client_type = ChoiceFilter(ClientType, _("Whether the client has had a loan before"))


class TaskFilters(RowFilters):
    indexed = frozenset({"phone", "source_key"})

    phone = PhoneFilter()
    source_key = TextFilter(_("What the task was made from: application:17"), 64)
    campaign_id = NumberFilter(_("Number of the campaign"))
    state = ChoiceFilter(TaskState, _("How far the task has come"), "task_state")
    outcome = ChoiceFilter(TaskOutcome, _("Why the task is done"))


class CallFilters(RowFilters):
    indexed = frozenset({"communication_id"})

    communication_id = NumberFilter(_("Number of the communication"))
    campaign_id = NumberFilter(_("Number of the campaign"))
    operator_id = NumberFilter(_("Number of the operator"))
    outcome = ChoiceFilter(
        SystemDisposition, _("How the call ended for telephony"), "system_disposition"
    )


class CommunicationFilters(RowFilters):
    time = "started_at"
    indexed = frozenset({"phone", "task_id"})

    phone = PhoneFilter()
    task_id = NumberFilter(_("Number of the campaign task"), field_name="campaign_task_id")
    campaign_id = NumberFilter(_("Number of the campaign"))
    operator_id = NumberFilter(_("Number of the operator"))
    state = ChoiceFilter(CommunicationState, _("How far the result has come"))


class DecisionFilters(RowFilters):
    indexed = frozenset({"phone", "source_key"})

    phone = PhoneFilter()
    source_key = TextFilter(_("What the decision is about: application:17"), 64)
    campaign_id = NumberFilter(_("Number of the campaign"))
    task_id = NumberFilter(_("Number of the campaign task"))
    step = ChoiceFilter(Step, _("Where it was decided"))
    verdict = ChoiceFilter(DecisionVerdict, _("What was decided"))
    rule = TextFilter(_("Name of the filter or rule"), 64)
