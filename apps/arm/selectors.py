"""What others may ask about the operator workplace."""

from apps.arm.changes import changes_in_tables, what_changed
from apps.arm.conversations import form_choices

__all__ = ["changes_in_tables", "form_choices", "what_changed"]
