"""Forms of call lists: a new one, and what its columns are."""

from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters import selectors as filters
from apps.filters.types import ApplicationStatus
from apps.ingest.call_lists.asking import ListColumns, proposed_columns
from apps.ingest.call_lists.list_columns import FILLED_IN, PHONE, column_name, field_titles
from apps.ingest.models import CallList
from apps.ingest.reading.columns import PERSONAL, masked_value
from apps.ingest.uploads import MOST_BYTES

SHOWN_LETTERS = 40  # of a sample
CLIENT_TYPES = (
    ("pioneer", gettext_lazy("new client")),
    ("repeater", gettext_lazy("repeated client")),
)


class NewListForm(forms.ModelForm):  # type: ignore[type-arg]
    """Campaign, name and size of the file; the content follows in pieces."""

    class Meta:
        model = CallList
        fields = ("campaign", "name", "size")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_cascade = [row.campaign_id for row in filters.streams_of_stored_cascades()]
        field: Any = self.fields["campaign"]
        field.queryset = field.queryset.filter(pk__in=with_cascade).order_by("name")
        field.help_text = _("Campaigns that have a filter cascade: the list goes through it.")
        self.fields["size"].widget = forms.HiddenInput()
        self.fields["name"].widget = forms.HiddenInput()

    @property
    def most_megabytes(self) -> int:
        return MOST_BYTES // (1024 * 1024)


class ColumnsForm(forms.Form):
    """For each column of the list what it is, and what all rows have where a cell is empty."""

    def __init__(self, call_list: CallList, data: Any = None) -> None:
        super().__init__(data)
        self._call_list = call_list
        proposed = proposed_columns(call_list)
        place_of = {place: field for field, place in proposed.mapping.items()}
        titles = [("", _("— not used —")), *field_titles().items()]
        self.columns = []
        for place in range(max(len(call_list.headings), *map(len, call_list.samples))):
            name, chosen = f"column_{place}", place_of.get(place, "")
            self.fields[name] = forms.ChoiceField(
                label=column_name(call_list.headings, place),
                choices=titles,
                required=False,
                initial=chosen,
            )
            self.columns.append((self[name], _samples(call_list, place, chosen)))
        self.fields["application_status"] = forms.ChoiceField(
            label=_("Application status"),
            choices=ApplicationStatus.choices,
            initial=proposed.constants.get("application_status"),
            help_text=_("For rows where the list has no status."),
        )
        self.fields["client_type"] = forms.ChoiceField(
            label=_("Client"),
            choices=CLIENT_TYPES,
            initial=proposed.constants.get("client_type"),
            help_text=_("For rows where the list does not tell."),
        )
        self.constants = [self[name] for name in FILLED_IN]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = [value for name, value in cleaned.items() if name.startswith("column_") and value]
        titles = field_titles()
        for field in sorted({one for one in chosen if chosen.count(one) > 1}):
            self.add_error(None, _("«%s» is chosen for two columns.") % titles[field])
        if PHONE not in chosen:
            self.add_error(None, _("Choose the column with the phone."))
        return cleaned

    def chosen(self) -> ListColumns:
        """What a valid form says."""
        values = self.cleaned_data
        mapping = {
            value: int(name.removeprefix("column_"))
            for name, value in values.items()
            if name.startswith("column_") and value
        }
        return ListColumns(mapping, {field: values[field] for field in FILLED_IN})


def _samples(call_list: CallList, place: int, field: str) -> list[str]:
    """The first values of a column, masked: what a person needs to see which column it is."""
    cells = [row[place] for row in call_list.samples if place < len(row) and row[place]]
    is_personal = field in PERSONAL or field == "full_name"
    return [masked_value(PHONE if is_personal else "", cell[:SHOWN_LETTERS]) for cell in cells]


def campaign_of(form: NewListForm) -> Model:
    """The campaign that a valid form names."""
    campaign: Model = form.cleaned_data["campaign"]
    return campaign
