"""Static files in production: hashed by content and compressed, so that browsers cache them
for ever.
"""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashes the imports of JavaScript modules too: all modules of a page are of one version."""

    support_js_module_import_aggregation = True
