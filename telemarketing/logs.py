"""The format of log lines, which masks personal data that libraries and tracebacks quote."""

import logging
import re

PHONE = re.compile(r"(?<!\d)(?:\+?7|8)\d{10}(?!\d)")
# what PostgreSQL adds to an error: the values of the row, the line of a COPY
QUOTED_ROW = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


class DiscreetFormatter(logging.Formatter):
    """Masks phones, tokens, and the row that a database error quotes.

    Our own messages hold only ids and counts; this is for the messages of others.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = QUOTED_ROW.sub(r"\1: <hidden>", super().format(record))
        return TOKEN.sub("<token>", PHONE.sub("<phone>", line))
