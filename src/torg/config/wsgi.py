"""The WSGI application that a web server runs."""

import os

from django.core.wsgi import get_wsgi_application

from torg.caching.front import Front
from torg.config.access_log import AccessLog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")

application = Front(get_wsgi_application(), AccessLog())
