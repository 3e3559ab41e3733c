"""What format control finds in the text of a file."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from apps.ingest.reading.csv_reader import Dialect
from apps.ingest.reading.row_validation import Findings, good_rows
from apps.ingest.streams import Stream

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # 12:30 in Moscow
ANYWHERE = Path("anywhere")  # the checks of content look at no folder
STREAM = Stream("MOBILE_LOANS", ANYWHERE, ANYWHERE, ANYWHERE, Dialect(";", "utf-8"))


def findings_of(text: str | bytes, stream: Stream = STREAM) -> Findings:
    """Check the whole text and return what was found."""
    findings = Findings()
    content = text.encode() if isinstance(text, str) else text
    for _rows in good_rows(BytesIO(content), stream, findings, NOW):
        pass
    return findings
