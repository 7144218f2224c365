"""Tokens that must not be good anywhere, made with everything an attacker may have, and more."""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from docker.local.keys import Keys

HOUR = 3600


def access_tokens(keys: Keys, good: str, service_token: str) -> dict[str, str]:
    """
    Forged access tokens, by what is wrong with each.

    :param good: a token that the accounts service has given, of somebody who may do little
    :param service_token: one that the gateway has signed for a subgraph
    """
    header = jwt.get_unverified_header(good)
    claims = jwt.decode(good, options={"verify_signature": False})
    wanted = {**claims, "scope": "accounts:read accounts:write", "roles": ["admin"]}
    real: Any = load_pem_private_key(keys.access_token_key.encode(), None)
    public: rsa.RSAPublicKey = real.public_key()
    other = rsa.generate_private_key(65537, 2048)

    def signed(claims: Mapping[str, Any], key: Any = real, **changes: Any) -> str:
        return jwt.encode(dict(claims), key, algorithm="RS256", headers={**header, **changes})

    head, _, signature = good.split(".")
    now = int(time.time())
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(other.public_key(), as_dict=True)
    return {
        "other claims below a good signature": f"{head}.{_text(wanted)}.{signature}",
        "no signature": f"{head}.{_text(wanted)}.",
        "alg none": f"{_text({**header, 'alg': 'none'})}.{_text(wanted)}.",
        "alg None": f"{_text({**header, 'alg': 'None'})}.{_text(wanted)}.{signature}",
        "the public key (PEM) as the secret of an HMAC": _hmac(header, wanted, pem),
        "the public key (PEM, without its last line break) as the secret of an HMAC": _hmac(
            header, wanted, pem.strip()
        ),
        "the public key (DER) as the secret of an HMAC": _hmac(header, wanted, der),
        "an empty secret": _hmac(header, wanted, b""),
        "another key of the same name": signed(wanted, other),
        "a key that the token brings along": signed(wanted, other, jwk=jwk),
        "a key that it says where to fetch": signed(wanted, other, jku="http://127.0.0.1:1/jwks.json", kid="mine"),
        "a key name that is a path": signed(wanted, other, kid="../../../../dev/null"),
        "expired": signed({**claims, "iat": now - 2 * HOUR, "exp": now - HOUR}),
        "without an end": signed({name: value for name, value in claims.items() if name != "exp"}),
        "not good yet": signed({**claims, "nbf": now + HOUR}),
        "for another audience": signed({**claims, "aud": "development-spa"}),
        "for no audience": signed({name: value for name, value in claims.items() if name != "aud"}),
        "of another issuer": signed({**claims, "iss": "http://127.0.0.1:1/o"}),
        "of no issuer": signed({name: value for name, value in claims.items() if name != "iss"}),
        "the gateway's token for a subgraph": service_token,
    }


def service_tokens(keys: Keys, *, issuer: str, audience: str, access_token: str, **claims: Any) -> dict[str, str]:
    """
    Forged service tokens, by what is wrong with each.

    :param issuer: the service that may speak
    :param audience: the service that is spoken to
    :param claims: what a good token says besides
    """
    real, foreign = _ed25519(keys.private[issuer]), _ed25519(keys.private[_another(keys, issuer, audience)])
    now = int(time.time())
    good = {"iss": issuer, "aud": audience, "iat": now, "exp": now + 60, **claims}

    def signed(key: Ed25519PrivateKey = real, **changes: Any) -> str:
        said = {name: value for name, value in {**good, **changes}.items() if value is not None}
        return jwt.encode(said, key, algorithm="EdDSA", headers={"kid": issuer})

    head, _, signature = signed().split(".")
    raw = real.public_key().public_bytes_raw()
    return {
        "other claims below a good signature": f"{head}.{_text({**good, 'sub': 'somebody-else'})}.{signature}",
        "no signature": f"{head}.{_text(good)}.",
        "alg none": f"{_text({'alg': 'none', 'typ': 'JWT', 'kid': issuer})}.{_text(good)}.",
        "the public key as the secret of an HMAC": _hmac({"kid": issuer}, good, raw),
        "the public key as it is published as the secret of an HMAC": _hmac(
            {"kid": issuer}, good, base64.urlsafe_b64encode(raw).rstrip(b"=")
        ),
        "the key of another service": signed(foreign),
        "another service that says so": signed(foreign, iss=_another(keys, issuer, audience)),
        "for another service": signed(aud=_another(keys, issuer, audience)),
        "for nobody": signed(aud=None),
        "expired": signed(iat=now - 2 * HOUR, exp=now - HOUR),
        "without an end": signed(exp=None),
        "of nobody": signed(iss=None),
        "an access token": access_token,
        "nonsense": "a.b.c",
    }


def _hmac(header: Mapping[str, Any], claims: Mapping[str, Any], secret: bytes) -> str:
    """By hand: a well-behaved library refuses to sign like this."""
    import hashlib
    import hmac

    signed = f"{_text({**header, 'alg': 'HS256'})}.{_text(claims)}"
    return f"{signed}.{_base64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def _another(keys: Keys, *these: str) -> str:
    return next(name for name in keys.private if name not in these)


def _ed25519(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(seed + "=" * (-len(seed) % 4)))


def _text(said: Mapping[str, Any]) -> str:
    return _base64(json.dumps(said).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
