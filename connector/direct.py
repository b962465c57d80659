"""Whether a request comes from this machine itself, for servers that let its people in unasked."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server bound to `host`."""
    name = host.strip("[]").casefold()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_direct(headers: Mapping[str, str]) -> bool:
    """Whether neither a proxy nor a page of another site stands behind a request.

    A proxy adds a forwarding header, or leaves the Host of another machine; one that does neither
    still leaves the browser's Origin.
    """
    given = {name.casefold(): value for name, value in headers.items()}
    if any(name in given for name in _PROXY_HEADERS):
        return False
    origin = given.get("origin")
    if origin is not None and not is_loopback(urlsplit(origin).hostname or ""):
        return False
    host = urlsplit(f"//{given.get('host', '')}").hostname
    return is_loopback(host or "")
