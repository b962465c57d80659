"""The connector over HTTP: for bots in any language, and where 8x8 sends its events."""

from connector.service.app import create_app
from connector.service.server import serve

__all__ = ["create_app", "serve"]
