"""Django as a WSGI application. The web server calls it through `telemarketing.rsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")

application = get_wsgi_application()
