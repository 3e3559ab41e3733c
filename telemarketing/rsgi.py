"""The application that granian serves: Django, each request in its lane."""

from telemarketing.start import refuse_weak_settings
from telemarketing.web.server import WebApplication
from telemarketing.wsgi import application as django

refuse_weak_settings()
application = WebApplication(django)
