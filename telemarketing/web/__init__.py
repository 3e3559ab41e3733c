"""The web server's side of the application: what a request may wait for, and for how long.

granian receives requests asynchronously (its interface RSGI). The body of a request is read first,
under a deadline, so a slow client occupies no thread. Then Django, as the WSGI application that it
is, answers in a thread of the request's lane. Lanes share no threads, so none can use up another's.
See docs/adr/0022-lanes-of-the-web.md. By itself the event loop answers hasChanges while
the cache is warm (0029), and passes streams of changes on (0030).
"""
