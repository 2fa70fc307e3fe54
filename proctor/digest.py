"""Digest authentication, the side that demands it (RFC 7616 with MD5, as cameras still use it)."""

import hashlib
import re
import secrets

_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_NEEDED = ("username", "realm", "nonce", "uri", "response")


class DigestDoor:
    """Lets one user in who proves the password without sending it."""

    def __init__(self, user: str, password: str, *, realm: str = "camera") -> None:
        """Take who may enter."""
        self._user, self._realm = user, realm
        self._secret = _md5(f"{user}:{realm}:{password}")
        self._nonce = secrets.token_hex(16)

    @property
    def challenge(self) -> str:
        """What WWW-Authenticate says to whoever has not proven it yet."""
        return f'Digest realm="{self._realm}", nonce="{self._nonce}", qop="auth", algorithm=MD5'

    def lets_in(self, authorization: str, method: str, uri: str) -> bool:
        """Tell whether an Authorization header proves the password for this request."""
        scheme, _, rest = authorization.partition(" ")
        told = {name: quoted or plain for name, quoted, plain in _FIELD.findall(rest)}
        if scheme != "Digest" or any(name not in told for name in _NEEDED):
            return False
        if (told["username"], told["nonce"], told["uri"]) != (self._user, self._nonce, uri):
            return False
        asked = _md5(f"{method}:{uri}")
        parts = [self._secret, self._nonce, asked]
        if "qop" in told:
            counted = (told.get("nc", ""), told.get("cnonce", ""), told["qop"])
            parts = [self._secret, self._nonce, *counted, asked]
        return secrets.compare_digest(_md5(":".join(parts)), told["response"])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
