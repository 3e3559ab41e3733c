from django.urls import path

from apps.security.rest.views import CheckAccessView, LoginView, LogoutView

urlpatterns = [
    path("login", LoginView.as_view(), name="security-login"),
    path("logout", LogoutView.as_view(), name="security-logout"),
    path("checkAccess", CheckAccessView.as_view(), name="security-check-access"),
]
