"""What format control finds in the text of a file."""

from io import BytesIO
from pathlib import Path

from apps.ingest.reading.csv_reader import Dialect
from apps.ingest.reading.row_validation import Findings, good_rows
from apps.ingest.streams import Stream

ANYWHERE = Path("anywhere")  # the checks of content look at no folder
STREAM = Stream("MOBILE_LOANS", ANYWHERE, ANYWHERE, ANYWHERE, Dialect(";", "utf-8"))


def findings_of(text: str | bytes, stream: Stream = STREAM) -> Findings:
    """Check the whole text and return what was found."""
    findings = Findings()
    content = text.encode() if isinstance(text, str) else text
    for _rows in good_rows(BytesIO(content), stream, findings):
        pass
    return findings
