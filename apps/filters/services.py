"""What others may ask the filters to do."""

from pathlib import Path

from apps.filters.application_import import SNAPSHOT_COLUMNS, SnapshotChunk, import_applications
from apps.filters.cascade.config_file import apply_described, export, read_file
from apps.filters.cascade.revisions import set_cascade

__all__ = [
    "SNAPSHOT_COLUMNS",
    "SnapshotChunk",
    "apply_config",
    "export_config",
    "import_applications",
    "set_cascade",
]


def apply_config(path: Path, *, dry_run: bool = False) -> list[str]:
    """Make campaigns and cascades as the file says, all or nothing; lines that tell what changed.

    Raises ConfigError, which names file, key and what was expected.
    """
    return apply_described(read_file(path), dry_run=dry_run)


def export_config() -> str:
    """The live campaigns and cascades as YAML, in which ``apply_config`` finds no change."""
    return export()
