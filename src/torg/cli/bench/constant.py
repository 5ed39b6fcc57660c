"""The unit: a constant view of 1 KB of JSON, with the middlewares of a new Django project, under Granian."""

import json
import os
import sys

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

from torg.cli.parent import end_with_parent

PATH = "/constant"
BODY = json.dumps({"constant": "x" * (1024 - len('{"constant": ""}'))}).encode()


def constant_view(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer with the same kilobyte each time."""
    return HttpResponse(BODY, content_type="application/json")


urlpatterns = [path(PATH.strip("/"), constant_view)]


def application_of_the_unit() -> WSGIHandler:
    """Set Django up with the middlewares that ``startproject`` writes down, and return the application."""
    end_with_parent(os.getppid())
    settings.configure(
        SECRET_KEY="constant" * 8,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
    )
    django.setup(set_prefix=False)
    return WSGIHandler()


def main(port: int, processes: int, threads: int) -> None:
    """Serve the view, as ``torg web`` serves the shop."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    end_with_parent(os.getppid())
    Granian(
        "torg.cli.bench.constant:application_of_the_unit",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=processes,
        blocking_threads=threads,
        backpressure=1024,
        log_level=LogLevels.error,
        factory=True,
    ).serve()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
