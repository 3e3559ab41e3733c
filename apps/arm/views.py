"""The operator's page: a shell, filled by the ARM API alone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def workplace(request: HttpRequest) -> HttpResponse:
    return render(request, "arm/workplace.html")
