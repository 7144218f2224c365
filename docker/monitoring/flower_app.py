"""
Flower for the tasks of one service: it hears what becomes of them, and can tell workers nothing.

``CELERY_BROKER_URL`` leads to the virtual host of that service's tasks; the user in it may read Celery's events there and
nothing else. Whoever looks is ``admin``, with the password in the file ``FLOWER_PASSWORD_FILE``.
"""

import os
import ssl
from pathlib import Path
from typing import Any

from celery import Celery
from celery.app.control import Control


class Silence(Control):
    """Flower asks workers how they are, and would tell them what to do: nobody but their service may."""

    def broadcast(self, *_: Any, **__: Any) -> list[Any]:
        """Nobody is told, and nobody answers."""
        return []


def flower_app() -> Celery:
    """What Flower reads with."""
    url = os.environ["CELERY_BROKER_URL"]
    app = Celery("flower", broker=url, control=Silence)
    if url.startswith("amqps"):
        # With the key server_hostname the name in the certificate must be that of the URL.
        ca_file = os.environ["RABBITMQ_CA_FILE"]
        app.conf.broker_use_ssl = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": ca_file, "server_hostname": None}
    return app


def main() -> None:
    """Answer until told to stop."""
    password = Path(os.environ["FLOWER_PASSWORD_FILE"]).read_text().strip()
    os.environ["FLOWER_BASIC_AUTH"] = f"admin:{password}"
    arguments = ["flower", "--read_only=True", "--auto_refresh=False"]
    if certificate := os.environ.get("FLOWER_CERTIFICATE_FILE"):
        arguments += [f"--certfile={certificate}", f"--keyfile={certificate}"]
    flower_app().start(argv=arguments)


if __name__ == "__main__":
    main()
