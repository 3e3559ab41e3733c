"""``python -m telemarketing.change_streams --port 8001``: runs until SIGTERM."""

import argparse
import os

from aiohttp import web
from django.conf import settings
from django.utils.log import configure_logging

from telemarketing.change_streams.server import Server

STOP_SECONDS = 1.0  # the clients of the streams come back by themselves


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")
    parser = argparse.ArgumentParser(prog="python -m telemarketing.change_streams")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    server = Server(settings.WEB_URL, settings.REDIS_URL, settings.CHANGE_STREAMS)
    web.run_app(
        server.application(),
        host=options.host,
        port=options.port,
        access_log=None,
        print=lambda _text: None,
        shutdown_timeout=STOP_SECONDS,
        handler_cancellation=True,
    )


if __name__ == "__main__":
    main()
