"""What others may ask about the operator workplace."""

from apps.arm.changes import what_changed
from apps.arm.conversations import form_choices

__all__ = ["form_choices", "what_changed"]
