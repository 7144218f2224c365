"""A private authority, and what it signs: certificates that name a server, or whoever calls one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from docker.local.private_file import write_private

AUTHORITY_LIFE = timedelta(days=3650)
LIFE = timedelta(days=90)
RENEWED_BEFORE = timedelta(days=30)
"""so long before its end a certificate is replaced"""

_EARLIER = timedelta(hours=1)
"""clocks of others may be behind"""


@dataclass(frozen=True)
class Authority:
    """Signs certificates, with a key that nobody else has."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def load_or_make(cls, folder: Path, name: str) -> "Authority":
        """The authority whose certificate and key are ``{name}.pem`` in this folder."""
        file = folder / f"{name}.pem"
        if file.exists():
            pem = file.read_bytes()
            key = load_pem_private_key(pem, None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            return cls(x509.load_pem_x509_certificate(pem), key)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(f"Doorstep {name}")
        certificate = (
            _begun(subject, key, AUTHORITY_LIFE)
            .issuer_name(subject)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        made = cls(certificate, key)
        write_private(file, _pem(key, certificate))
        return made

    @property
    def pem(self) -> str:
        """Its certificate, for those who believe it."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def issue(self, hosts: Sequence[str], *, calls: bool) -> str:
        """
        A new key and the certificate for it, in one PEM.

        :param hosts: names and addresses of whom it is for
        :param calls: whether it is for a caller, and not for a server
        """
        key = ec.generate_private_key(ec.SECP256R1())
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if calls else ExtendedKeyUsageOID.SERVER_AUTH
        certificate = (
            _begun(_named(hosts[0]), key, LIFE)
            .issuer_name(self.certificate.subject)
            .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return _pem(key, certificate)


def ends_soon(pem: str) -> bool:
    """Whether it is time to replace this certificate."""
    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc - datetime.now(UTC) < RENEWED_BEFORE


def _begun(subject: x509.Name, key: ec.EllipticCurvePrivateKey, life: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> str:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private + certificate.public_bytes(Encoding.PEM).decode()
