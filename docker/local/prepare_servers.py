"""
``python -m docker.local.prepare_servers``: what MongoDB, Redis and RabbitMQ in containers are told once they run.

MongoDB gets its replica set and its users; it and Redis take up the certificates that lie in their folders. On RabbitMQ tasks
of an earlier version are moved to where they are now. Harmless to repeat.
``SERVER_PASSWORDS`` holds the password of every user as JSON. It runs on MongoDB's own network, where alone the first user
may be made.
"""

import asyncio
import json
import os

import redis
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from docker.local import server_users
from docker.local.keys import NAMESPACE
from docker.local.move_tasks import move_tasks
from docker.local.replica_set import WRONG_PASSWORD, Client, prepare_replica_set

CA_FILE = "/keys/ca.pem"
MONGO_URL = f"mongodb://127.0.0.1:27017/?directConnection=true&tls=true&tlsCAFile={CA_FILE}"
RABBITMQ_URL = "amqps://rabbitmq:5671/%2F"
REDIS_URL = f"rediss://redis:6379/0?ssl_ca_certs={CA_FILE}"


async def prepare_mongo(passwords: dict[str, str]) -> None:
    """:raises SystemExit: saying what to do about data that was written with other passwords."""
    try:
        await prepare_replica_set(MONGO_URL, "mongo:27017", passwords, NAMESPACE)
    except OperationFailure as refusal:
        if refusal.code != WRONG_PASSWORD:
            raise
        raise SystemExit(
            "The data in the volume doorstep_mongo has no user doorstep with the password of .doorstep/docker.env: bring "
            "that file back, or remove the volume"
        ) from None
    client: Client
    async with AsyncMongoClient(server_users.url_for(server_users.ADMIN, MONGO_URL, passwords)) as client:
        await client.admin.command("rotateCertificates", 1)


def prepare_redis(passwords: dict[str, str]) -> None:
    """It reads its certificate again when it is told where that is."""
    with redis.Redis.from_url(server_users.url_for(server_users.ADMIN, REDIS_URL, passwords)) as client:
        client.config_set("tls-cert-file", "/keys/own.pem", "tls-key-file", "/keys/own.pem")


def prepare_rabbitmq(passwords: dict[str, str]) -> None:
    """Its users and virtual hosts it has imported itself."""
    move_tasks(server_users.url_for(server_users.ADMIN, RABBITMQ_URL, passwords), NAMESPACE, ca_file=CA_FILE)


if __name__ == "__main__":
    known = json.loads(os.environ["SERVER_PASSWORDS"])
    asyncio.run(prepare_mongo(known))
    prepare_redis(known)
    prepare_rabbitmq(known)
