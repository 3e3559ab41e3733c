"""The application that granian serves: Django, each request in its lane."""

from telemarketing.web.server import WebApplication
from telemarketing.wsgi import application as django

application = WebApplication(django)
