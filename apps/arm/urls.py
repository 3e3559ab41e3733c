from django.urls import path

from apps.arm.views import workplace

urlpatterns = [path("", workplace, name="workplace")]
