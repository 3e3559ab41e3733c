"""The back office's form of a MightyCall account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.telephony.models import MightyCallOperator


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """A password can be set and never read. An empty field keeps the present one."""

    new_password = forms.CharField(
        label=_("Password in MightyCall"),
        required=False,
        strip=False,
        max_length=100,  # encrypted, it fits its column
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = MightyCallOperator
        fields = ("operator", "login")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.pk is None
        self.fields["new_password"].required = is_new
        if not is_new:
            self.fields["new_password"].help_text = _("Leave it empty to keep the present one.")
