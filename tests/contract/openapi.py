"""8x8's own OpenAPI file as a judge of real requests and answers, with its mistakes mended."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from tests.contract.exchange import Exchange

FILE = Path("openapi") / "chat-gateway-v1.oas.yml"
HOST = "https://api.8x8.com"
PREFIX = "/chat-gateway/"

# Names that the file requires and nowhere defines: a mistake, as the answers it shows lack them.
REQUIRED_BUT_UNDEFINED = {
    "AttachmentsResult": {"data"},
    "ConversationParticipants": {"data"},
    "MessageListResult": {"messages"},
    "CardsListResult": {"cards"},
    "AttachmentResult": {"size", "type"},
}
# Required, not defined, and sent beside `version`: defined here, so that its value counts.
DEFINED_HERE = {
    "WebHookV2CreateRequest": "notificationVersion",
    "WebHookV2PutRequest": "notificationVersion",
}
JWK = {
    "type": "object",
    "required": ["kty", "e", "n", "kid"],
    "properties": {name: {"type": "string"} for name in ("kty", "e", "n", "kid")},
}


def mended(spec: dict[str, Any]) -> dict[str, Any]:
    """The file's content with every tolerance put in, here and nowhere else."""
    schemas = spec["components"]["schemas"]
    for name, undefined in REQUIRED_BUT_UNDEFINED.items():
        for part in _parts(schemas[name]):
            part["required"] = [found for found in part["required"] if found not in undefined]
            if not part["required"]:
                del part["required"]
    for name, field in DEFINED_HERE.items():
        for part in _parts(schemas[name]):
            part["properties"][field] = {"$ref": "#/components/schemas/EventVersion"}
    answer = spec["paths"]["/chat-gateway/v1/jwk/{jwkId}/public"]["get"]["responses"]["200"]
    answer["content"]["application/json"]["schema"] = JWK
    return spec


def _parts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in (schema, *schema.get("allOf", ())) if "required" in part]


class Contract:
    """Checks exchanges against the file; each problem is a sentence."""

    def __init__(self, spec: dict[str, Any]) -> None:
        # Without these the bodies would be left as bytes, which fit no schema.
        as_json = {
            "application/hal+json": json.loads,
            "application/problem+json": json.loads,
        }
        self._judge = OpenAPI.from_dict(spec, config=Config(extra_media_type_deserializers=as_json))

    def check_request(self, exchange: Exchange) -> list[str]:
        """What is wrong with the request; nothing when it conforms."""
        return _problems(exchange, "request", self._judge.iter_request_errors(_request(exchange)))

    def check_response(self, exchange: Exchange) -> list[str]:
        """What is wrong with the answer; nothing when it conforms, or none came."""
        if exchange.status is None:
            return []
        found = self._judge.iter_response_errors(_request(exchange), _response(exchange))
        return _problems(exchange, "answer", found)


@cache
def load_contract(shared_reference: Path) -> Contract:
    """The contract out of the folder with 8x8's files (fixture `shared_reference`)."""
    return Contract(mended(yaml.safe_load((shared_reference / FILE).read_text())))


def _request(exchange: Exchange) -> MockRequest:
    # The file's only server; the sandbox listens elsewhere.
    return MockRequest(
        HOST,
        exchange.method,
        exchange.path,
        args=exchange.query,
        headers=exchange.request_headers,
        data=exchange.request_body,
        content_type=exchange.request_headers.get("content-type", ""),
    )


def _response(exchange: Exchange) -> MockResponse:
    return MockResponse(
        exchange.response_body,
        exchange.status,
        headers=exchange.response_headers,
        content_type=exchange.media_type,
    )


def _problems(exchange: Exchange, part: str, errors: Any) -> list[str]:
    return [f"{exchange}: {part}: {_said(error)}" for error in errors]


def _said(error: Exception) -> str:
    details = getattr(error.__cause__ or error, "schema_errors", ())
    more = "; ".join(f"{'.'.join(map(str, one.path))} {one.message}" for one in details)
    assert isinstance(error, OpenAPIError)
    return f"{type(error).__name__}: {error}" + (f" ({more})" if more else "")
