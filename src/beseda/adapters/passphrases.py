"""Secrets under a passphrase: a key by scrypt (RFC 7914, 64 MiB), then AES-256-GCM (NIST SP 800-38D)."""

import hashlib
import os
from base64 import b64decode, b64encode

SALT_BYTES, NONCE_BYTES = 16, 12
COST, BLOCK, MEMORY_MAX_BYTES = 2**16, 8, 128 * 1024 * 1024


class WrongPassphrase(Exception):
    """It is not the one, or what was sealed is damaged."""


def seal(secret: bytes, passphrase: str) -> tuple[str, str, str]:
    """Salt, nonce and what only the passphrase opens, in base64."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, secret, None)
    first, second, third = (b64encode(part).decode("ascii") for part in (salt, nonce, sealed))
    return first, second, third


def unseal(salt: str, nonce: str, sealed: str, passphrase: str) -> bytes:
    """Raises WrongPassphrase."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        parts = [b64decode(part, validate=True) for part in (salt, nonce, sealed)]
        return AESGCM(_key(passphrase, parts[0])).decrypt(parts[1], parts[2], None)
    except (ValueError, InvalidTag) as error:
        raise WrongPassphrase from error


def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=COST, r=BLOCK, p=1, maxmem=MEMORY_MAX_BYTES, dklen=32)
