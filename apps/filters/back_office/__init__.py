"""Pages of the back office for applications and cascades.

No thin entry points: a page may use every sub-package of this app.
"""
