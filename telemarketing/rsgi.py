"""The application that granian serves: Django, each request in its lane."""

from telemarketing.wsgi import application as django  # first: it loads the apps

# isort: split
from telemarketing.start import refuse_weak_settings
from telemarketing.web.server import WebApplication

refuse_weak_settings()
application = WebApplication(django)
