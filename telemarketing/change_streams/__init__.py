"""The process that serves the streams of changes, ``GET /api/arm/v1/changes``.

It is asynchronous and small: it loads no app and asks no table. It listens in Redis to who has
changed, and then asks hasChanges with the operator's own token, so a stream says what hasChanges
says and lives as long as the token does. ``web`` passes its streams on to the clients.
See docs/adr/0030-change-streams.md.
"""
