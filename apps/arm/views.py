"""The operator's pages: the workplace, a shell that is filled by the ARM API alone, and the change
of a password."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.arm import services
from apps.arm.rest.phones import may_be_revealed
from apps.security.types import (
    AuthenticationFailedError,
    InvalidPasswordError,
    OperatorLockedError,
    TooManyAttemptsError,
)

LONGEST = 2048  # as the log-in of the API takes it


class PasswordForm(forms.Form):
    """The password of now, and a new one typed twice."""

    login = forms.CharField(
        label=_("login"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    old_password = forms.CharField(
        label=_("password of now"),
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new_password = forms.CharField(
        label=_("new password"),
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters."),
    )
    again = forms.CharField(
        label=_("new password again"),
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("new_password") != cleaned.get("again"):
            self.add_error("again", _("The two new passwords differ."))
        return cleaned

    def change(self, request: HttpRequest) -> bool:
        """Change the password; a refusal becomes an error of this form. Returns whether it is
        changed."""
        given = self.cleaned_data
        try:
            services.change_own_password(
                request, given["login"], given["old_password"], given["new_password"]
            )
        except InvalidPasswordError as error:
            self.add_error("new_password", error.texts)
        except AuthenticationFailedError:
            self.add_error(None, gettext("Wrong login or password"))
        except OperatorLockedError:
            self.add_error(None, gettext("The operator is locked"))
        except TooManyAttemptsError:
            self.add_error(None, gettext("Too many failed log-ins. Try again later."))
        return not self.errors


@require_safe
def workplace(request: HttpRequest) -> HttpResponse:
    return render(request, "arm/workplace.html", {"may_reveal_phone": may_be_revealed()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The page where operators change their password; a log-in with a temporary one leads here."""
    form = PasswordForm(request.POST or None)
    is_changed = request.method == "POST" and form.is_valid() and form.change(request)
    return render(request, "arm/password.html", {"form": form, "is_changed": is_changed})
