"""Randomness, and keyed hashes under the server's key."""

import hashlib
import secrets
import uuid


class SystemEntropy:
    """The operating system's CSPRNG, asked once for a whole text."""

    def digits(self, count: int) -> str:
        return "".join(secrets.choice("0123456789") for _ in range(count))

    def text(self, count: int, alphabet: str) -> str:
        number, letters = secrets.randbelow(len(alphabet) ** count), []
        for _ in range(count):
            number, index = divmod(number, len(alphabet))
            letters.append(alphabet[index])
        return "".join(letters)

    def secret(self) -> str:
        return secrets.token_urlsafe(32)

    def uuid4(self) -> str:
        return str(uuid.uuid4())


class Blake2Keyring:
    """BLAKE2b keyed with 32 random bytes (RFC 7693, 2.9); the purpose is part of what is hashed."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("the server key has 32 bytes")
        self._key = key

    def seal(self, purpose: str, value: str) -> str:
        data = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=self._key, digest_size=32).hexdigest()
