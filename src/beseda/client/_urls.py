"""Addresses of services. No I/O."""

from urllib.parse import urlsplit, urlunsplit


def base_url(url: str) -> str:
    """The address without a slash at its end. Raises ValueError for what is no address of HTTP, or holds a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an address that begins with http:// or https://: {parts.scheme}://{parts.hostname}")
    if parts.username or parts.password:
        raise ValueError("an address holds no name and no password: sign in instead")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"https": 443, "wss": 443}.get(parts.scheme, 80)


def socket_url(url: str) -> str:
    """The same address for WebSockets."""
    return "ws" + url.removeprefix("http")


def own_site(url: str) -> dict[str, str]:
    """What a page of the site itself is asked with. COMPAT(chatcz): the site has demanded these since 2018."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return {"Origin": origin, "Referer": f"{origin}/"}
