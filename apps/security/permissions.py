"""What each role may do: the resources that it opens with a token, and its rights in the back
office.

Roles are ordered: a senior operator may take calls as an operator does, and an administrator may do
everything. So all three open every resource of the operator workplace, which asks for the role
OPERATOR [source 2.6.4.2].
"""

from urllib.parse import unquote

from apps.security.types import Role

FROM_LOWEST = (Role.OPERATOR, Role.SENIOR_OPERATOR, Role.ADMINISTRATOR)
# the lowest role that opens a resource; a resource that is not here opens to nobody
# (``v1`` is the read API, ``/api/v1/``)
RESOURCE_ROLES = {"arm": Role.OPERATOR, "admin": Role.SENIOR_OPERATOR, "v1": Role.SENIOR_OPERATOR}

SENIOR_OPERATOR_MAY = frozenset({
    "security.view_operator", "security.add_operator", "security.change_operator",
    "security.view_operatorauth",
    "campaigns.view_campaign", "campaigns.add_campaign", "campaigns.change_campaign",
    "campaigns.view_disposition", "campaigns.add_disposition", "campaigns.change_disposition",
    "campaigns.delete_disposition",
    "campaigns.view_dispositionreason", "campaigns.add_dispositionreason",
    "campaigns.change_dispositionreason", "campaigns.delete_dispositionreason",
    "campaigns.view_redialrule", "campaigns.add_redialrule", "campaigns.change_redialrule",
    "campaigns.delete_redialrule",
    "campaigns.view_campaigntask", "campaigns.view_communication", "campaigns.view_call",
    "campaigns.view_callorder", "campaigns.view_attentionitem",
    "campaigns.view_tasktransition", "campaigns.view_decision", "campaigns.view_donotcallentry",
    "filters.view_application", "filters.view_verdict",
    "filters.view_cascade", "filters.add_cascade", "filters.change_cascade",
    "filters.view_cascaderevision",
    "ingest.view_incomingfile", "ingest.view_incomingfileerror",
    "ingest.view_calllist", "ingest.add_calllist", "ingest.change_calllist",
    "ingest.add_correction",
    "telephony.view_mightycalloperator", "telephony.add_mightycalloperator",
    "telephony.change_mightycalloperator", "telephony.view_mightycallactiveoperator",
    "telephony.view_mightycalltask",
    "reports.view_reportcall",
})  # fmt: skip


def role_includes(role: Role, required: Role) -> bool:
    """True if ``role`` is at least ``required``."""
    return FROM_LOWEST.index(role) >= FROM_LOWEST.index(required)


def role_opens(role: Role, resource: str) -> bool:
    """True if ``role`` opens the resource, which is a name (``arm``) or an address
    (``/api/arm/v1/hasChanges``). An unknown resource opens to nobody, and neither does an address
    that leads elsewhere than its beginning says (``arm/../admin``).
    """
    path = unquote(resource.partition("?")[0]).lower().replace("\\", "/")
    if "%" in path or not {".", ".."}.isdisjoint(path.split("/")):
        return False
    name = path.strip("/").removeprefix("api/").partition("/")[0]
    lowest = RESOURCE_ROLES.get(name)
    return lowest is not None and role_includes(role, lowest)


def roles_given_by(role: Role) -> frozenset[Role]:
    """The roles that ``role`` may give to others; it may also change operators who have them.

    A senior operator neither makes nor changes senior operators, itself included, or
    administrators.
    """
    if role is Role.ADMINISTRATOR:
        return frozenset(Role)
    return frozenset({Role.OPERATOR}) if role is Role.SENIOR_OPERATOR else frozenset()


def role_has_permission(role: Role, permission: str) -> bool:
    """True if ``role`` has the permission, written ``app_label.action_model``."""
    if role is Role.ADMINISTRATOR:
        return True
    return role is Role.SENIOR_OPERATOR and permission in SENIOR_OPERATOR_MAY


def role_sees_app(role: Role, app_label: str) -> bool:
    """True if ``role`` has any permission in the app."""
    if role is Role.ADMINISTRATOR:
        return True
    return role is Role.SENIOR_OPERATOR and any(
        permission.startswith(f"{app_label}.") for permission in SENIOR_OPERATOR_MAY
    )
