"""How a log line is written: whatever a library or a traceback quotes, no personal data."""

import logging
import re

PHONE = re.compile(r"(?<!\d)(?:\+?7|8)\d{10}(?!\d)")
# what PostgreSQL adds to an error: the row that it refused, the line of a COPY
QUOTED_ROW = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


class DiscreetFormatter(logging.Formatter):
    """Our own lines hold ids and counts; this masks what others put into theirs: phones, tokens,
    and the row that a database error quotes, with its names and documents.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = QUOTED_ROW.sub(r"\1: <hidden>", super().format(record))
        return TOKEN.sub("<token>", PHONE.sub("<phone>", line))
