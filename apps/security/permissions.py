"""What each role may do: which resources it opens with a token, and its rights in the back office.

Roles are a ladder: a senior operator may take calls as an operator does, and an administrator may
do everything. So the role OPERATOR opens every resource of the operator workplace (section 2.6.4.2)
to all three.
"""

from apps.security.types import Role

LADDER = (Role.OPERATOR, Role.SENIOR_OPERATOR, Role.ADMINISTRATOR)
# the lowest role that opens a resource; a resource that is not here opens to nobody
RESOURCE_ROLES = {"arm": Role.OPERATOR, "admin": Role.SENIOR_OPERATOR}

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


def role_includes(role: Role, asked: Role) -> bool:
    """Whether who has ``role`` may do what ``asked`` may."""
    return LADDER.index(role) >= LADDER.index(asked)


def role_opens(role: Role, resource: str) -> bool:
    """Whether ``role`` opens the resource: a name (``arm``) or an address
    (``/api/arm/v1/hasChanges``).
    """
    name = resource.lower().strip("/").removeprefix("api/").partition("/")[0]
    lowest = RESOURCE_ROLES.get(name)
    return lowest is not None and role_includes(role, lowest)


def roles_given_by(role: Role) -> frozenset[Role]:
    """The roles that ``role`` may give to others, and whose holders it may change.

    A senior operator neither makes nor changes senior operators or administrators, itself included.
    """
    if role is Role.ADMINISTRATOR:
        return frozenset(Role)
    return frozenset({Role.OPERATOR}) if role is Role.SENIOR_OPERATOR else frozenset()


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
