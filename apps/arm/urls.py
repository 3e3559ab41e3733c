from django.urls import path

from apps.arm.views import password, workplace

urlpatterns = [
    path("", workplace, name="workplace"),
    path("password/", password, name="arm-password"),
]
