"""What others may ask the security app to do."""

from apps.security.access_log.recording import (
    record_access,
    record_change,
    record_failed_log_in,
)
from apps.security.access_log.sealing import seal_access_log
from apps.security.authentication import log_in, log_out
from apps.security.exports import export_workbook
from apps.security.operators import (
    change_own_password,
    delete_operators,
    lock_operators,
    select_for_update,
    set_password,
    unlock_operators,
)
from apps.security.second_factor import (
    confirm_second_factor,
    prepare_second_factor,
    reset_second_factors,
    verify_second_factor,
)
from apps.security.sessions import (
    check_access,
    delete_expired_tokens,
    end_other_tokens,
    end_sessions,
    extend,
    revoke_tokens,
)

__all__ = [
    "change_own_password",
    "check_access",
    "confirm_second_factor",
    "delete_expired_tokens",
    "delete_operators",
    "end_other_tokens",
    "end_sessions",
    "export_workbook",
    "extend",
    "lock_operators",
    "log_in",
    "log_out",
    "prepare_second_factor",
    "record_access",
    "record_change",
    "record_failed_log_in",
    "reset_second_factors",
    "revoke_tokens",
    "seal_access_log",
    "select_for_update",
    "set_password",
    "unlock_operators",
    "verify_second_factor",
]
