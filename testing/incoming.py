"""What the workers of the queue ``files`` do, one stream after the other."""

from apps.ingest import services
from apps.ingest.models import IncomingFile
from common.clock import now


def take_all_files() -> list[IncomingFile]:
    """Poll the streams and take the files of each; returns their records."""
    return [record for name in services.poll_streams(now()) for record in services.take_files(name)]
