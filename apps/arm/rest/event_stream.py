"""The wire format of the stream of changes: server-sent events, as the HTML standard has them.

The ``id`` of an event stands for what it says, not for its place in a sequence. So a client that
comes back with ``Last-Event-ID`` is told something only when the state is another than the one that
it knows; nothing has to be kept for it.
"""

import hashlib

CONTENT_TYPE = "text/event-stream"
HEADERS = {
    "Content-Type": CONTENT_TYPE,
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep events until it has some kilobytes of them
}
RETRY_MS = 1_000  # after which a client that lost its stream comes back; as often as others poll
HEARTBEAT = b":\n\n"  # a comment: proxies and clients see that the stream is alive


def event_id(body: bytes) -> str:
    """The id of the event that tells ``body``, which is an answer of hasChanges."""
    return hashlib.sha256(body).hexdigest()[:16]


def changes_event(body: bytes) -> bytes:
    """The event that tells ``body``, an answer of hasChanges."""
    return b"event: changes\nid: %s\nretry: %d\ndata: %s\n\n" % (
        event_id(body).encode(),
        RETRY_MS,
        body,
    )


def end_event(body: bytes) -> bytes:
    """The last event of a stream. ``body``, in the form of the API's errors, says why it ends."""
    return b"event: end\ndata: %s\n\n" % body
