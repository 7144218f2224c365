"""What this worker is made of in production; everything connects when it is first used."""

import os
from functools import cache

import redis
import structlog

from workers.addresses.imports import Imports
from workers.addresses.learn_address import LearntAddresses, Policy
from workers.addresses.register import Register
from workers.chassis import mongo
from workers.chassis.env import Env, WrongSetting

SERVICE = "addresses"

log = structlog.get_logger("register")


def imports() -> Imports:
    """The imports of this installation."""
    return Imports(mongo.database(SERVICE))


def register() -> Register:
    """The register of this installation."""
    return Register(mongo.database(SERVICE))


def learnt_addresses() -> LearntAddresses:
    """The learnt part of it."""
    return LearntAddresses(mongo.database(SERVICE))


def policy() -> Policy:
    """Which new addresses the register learns (`ADDRESSES_LEARN_NEW`)."""
    text = Env(SERVICE).text("LEARN_NEW", Policy.REVIEWED.value)
    try:
        return Policy(text)
    except ValueError:
        known = " or ".join(policy.value for policy in Policy)
        raise WrongSetting(f"ADDRESSES_LEARN_NEW is {text!r}; write {known}") from None


def register_has_changed() -> None:
    """Begin a new generation of the register, so that no cached suggestion of the old one is shown."""
    try:
        _redis(os.getpid()).incr(f"{Env(SERVICE).text('DOORSTEP_NAMESPACE', 'doorstep')}:register_generation")
    except redis.RedisError as problem:
        # Suggestions expire by themselves; the register is not held up for them.
        log.warning("generation not told", problem=repr(problem))


@cache
def _redis(_pid: int) -> redis.Redis:
    return redis.Redis.from_url(Env(SERVICE).text("REDIS_URL"), socket_timeout=2, socket_connect_timeout=2)
