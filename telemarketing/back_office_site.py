"""The back office: Django's admin under the system's own name, open to senior operators and
administrators."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.security.forms import ChangeOwnPasswordForm, LogInForm


class BackOffice(AdminSite):
    site_title = _("Telemarketing")
    site_header = _("Telemarketing")
    index_title = _("Back office")
    enable_nav_sidebar = True
    login_form = LogInForm

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The stock page with our form: a new password ends the old one's tokens."""
        request.current_app = self.name
        return PasswordChangeView.as_view(
            form_class=ChangeOwnPasswordForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )(request)
