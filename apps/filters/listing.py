"""The columns of applications that others may list."""

from django.db.models import QuerySet

from apps.filters.models import Application


def list_applications() -> QuerySet[Application]:
    """All applications, for the caller to filter, order and cut.

    Neither the identity document nor the numbers of face and device, nor the date of birth: nobody
    reads these in lists.
    """
    return Application.objects.only(
        "wtime",
        "stream",
        "application_number",
        "created_at",
        "changed_at",
        "application_status",
        "loan_changed_at",
        "loan_status",
        "scoring_result",
        "client_type",
        "phone",
        "citizenship",
        "last_name",
        "first_name",
        "middle_name",
        "desired_amount",
        "approved_amount",
        "product_type",
        "term",
        "term_unit",
    )
