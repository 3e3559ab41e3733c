"""How static files are stored for production: hashed by content, compressed, cached for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Follows the imports between JavaScript modules too, so that all of a page's modules are of
    one version.
    """

    support_js_module_import_aggregation = True
