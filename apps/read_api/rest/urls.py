from django.urls import path

from apps.read_api.rest.resources import RESOURCES
from apps.read_api.rest.views import list_view, row_view

urlpatterns = [
    *(path(one.name, list_view(one).as_view()) for one in RESOURCES),
    *(path(f"{one.name}/<int:id>", row_view(one).as_view()) for one in RESOURCES),
]
