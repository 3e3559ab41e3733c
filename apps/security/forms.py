"""Forms of the back office: logging in, and making operators and their passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.forms import AdminPasswordChangeForm as OwnPasswordChangeForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.security import selectors, services
from apps.security.models import Operator
from apps.security.types import OperatorLockedError


class LogInForm(AdminAuthenticationForm):
    """Gives every failed log-in the same message, except when the password was right."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": _("Wrong login or password"),
        "locked": _("The operator is locked"),
        "no_back_office": _(
            "The back office is open to senior operators and administrators; "
            "operators work at /arm/."
        ),
        "too_many_attempts": _("Too many failed log-ins. Try again later."),
    }

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except OperatorLockedError as error:
            raise self._error("locked") from error

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not user.is_staff:  # type: ignore[attr-defined]
            raise self._error("no_back_office")

    def get_invalid_login_error(self) -> ValidationError:
        shut_out = self.request is not None and selectors.is_shut_out(self.request)
        return self._error("too_many_attempts" if shut_out else "invalid_login")

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)


class CodeForm(forms.Form):
    """A code of the second factor: six digits, or a recovery code."""

    code = forms.CharField(
        label=_("code"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )

    def refuse(self) -> None:
        """Say that the code was not accepted; not why."""
        text = _("Wrong code. After several wrong ones, wait a while before the next.")
        self.add_error("code", text)


class NewOperatorForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """A new operator; the password is typed twice, and changed at the first log-in."""

    class Meta:
        model = Operator
        fields = ("login", "last_name", "first_name", "role")

    def save(self, commit: bool = True) -> Operator:
        self.instance.password_is_temporary = True
        operator: Operator = super().save(commit)
        return operator


class ResetPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """A new password for another operator, to be changed at the first log-in; the tokens and
    sessions of that operator end."""

    def __init__(self, user: Operator, *args: Any, **options: Any) -> None:
        super().__init__(user, *args, **options)
        # Django's choice of accounts without a password: everybody signs in with one here
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True

    def save(self, commit: bool = True) -> Operator:
        return services.set_password(self.user, self.cleaned_data["password1"], is_own=False)


class ChangeOwnPasswordForm(OwnPasswordChangeForm):
    """A new password of one's own. One's tokens and other sessions end; this session goes on."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("old_password") and cleaned["old_password"] == cleaned.get("new_password1"):
            self.add_error("new_password1", _("The new password must differ from the old one."))
        return cleaned

    def save(self, commit: bool = True) -> Operator:
        return services.set_password(self.user, self.cleaned_data["new_password1"], is_own=True)


class OperatorForm(forms.ModelForm):  # type: ignore[type-arg]
    """The fields of an operator that may be changed; the password has its own form."""

    class Meta:
        model = Operator
        fields = ("login", "last_name", "first_name", "role", "locked")
