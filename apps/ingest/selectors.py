"""What others may ask about incoming files and their streams."""

from apps.ingest.folder.progress import running_imports
from apps.ingest.monitoring import (
    count_files,
    count_grown,
    count_unmoved,
    file_names,
    files_since,
    overdue_streams,
    stream_names,
    stream_waits,
    total_rows,
    wrong_descriptions,
)
from apps.ingest.reading.columns import column_title, masked_value

__all__ = [
    "column_title",
    "count_files",
    "count_grown",
    "count_unmoved",
    "file_names",
    "files_since",
    "masked_value",
    "overdue_streams",
    "running_imports",
    "stream_names",
    "stream_waits",
    "total_rows",
    "wrong_descriptions",
]
