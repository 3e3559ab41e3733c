"""What each role may do in the back office. One table; an administrator may do everything."""

from apps.security.types import Role

SENIOR_OPERATOR_MAY = frozenset({
    "security.view_operator", "security.add_operator", "security.change_operator",
    "campaigns.view_campaign", "campaigns.add_campaign", "campaigns.change_campaign",
    "campaigns.view_disposition", "campaigns.add_disposition", "campaigns.change_disposition",
    "campaigns.delete_disposition",
    "campaigns.view_dispositionreason", "campaigns.add_dispositionreason",
    "campaigns.change_dispositionreason", "campaigns.delete_dispositionreason",
    "campaigns.view_redialrule", "campaigns.add_redialrule", "campaigns.change_redialrule",
    "campaigns.delete_redialrule",
    "campaigns.view_campaigntask", "campaigns.view_communication", "campaigns.view_call",
    "campaigns.view_tasktransition", "campaigns.view_decision", "campaigns.view_donotcallentry",
    "filters.view_application", "filters.view_verdict",
    "filters.view_cascade", "filters.add_cascade", "filters.change_cascade",
    "filters.view_cascaderevision",
    "ingest.view_incomingfile", "ingest.view_incomingfileerror",
    "telephony.view_mightycalloperator", "telephony.add_mightycalloperator",
    "telephony.change_mightycalloperator", "telephony.view_mightycallactiveoperator",
    "telephony.view_mightycalltask",
})  # fmt: skip


def role_has_permission(role: Role, permission: str) -> bool:
    """Whether ``role`` may do ``permission`` (``app_label.action_model``)."""
    if role is Role.ADMINISTRATOR:
        return True
    return role is Role.SENIOR_OPERATOR and permission in SENIOR_OPERATOR_MAY


def role_sees_app(role: Role, app_label: str) -> bool:
    """Whether ``role`` has any right at all in the app."""
    if role is Role.ADMINISTRATOR:
        return True
    return role is Role.SENIOR_OPERATOR and any(
        permission.startswith(f"{app_label}.") for permission in SENIOR_OPERATOR_MAY
    )
