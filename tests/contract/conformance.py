"""Whether what was said between connector and tenant is what 8x8 says and understands.

Give a client a RecordingTransport, then call `assert_conforms(recording.exchanges, reference)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tests.contract import models
from tests.contract.exchange import Exchange
from tests.contract.openapi import PREFIX, Contract, load_contract

CONVERSATION = r"/chat-gateway/v1/conversations/[^/]+"
# Bodies of requests that the file describes, and section 2 describes more strictly.
SENT: dict[tuple[str, str], type[BaseModel]] = {
    ("POST", r"/chat-gateway/v1/conversations"): models.CreateConversation,
    ("PATCH", CONVERSATION): models.PatchConversation,
    ("PUT", CONVERSATION): models.PatchConversation,
    ("POST", CONVERSATION + "/messages"): models.InputMessage,
    ("POST", r"/chat-gateway/v1/webhooks"): models.CreateWebhook,
    ("PUT", r"/chat-gateway/v1/webhooks/[^/]+"): models.CreateWebhook,
}
# Answers that no file describes.
ANSWERED: dict[str, type[BaseModel]] = {
    r"/cc/v1/stats/rt/queues": models.QueueList,
    r"/cc/v1/stats/rt/queue/[^/]+": models.OneQueue,
    r"/cc/v1/schedules": models.ScheduleList,
    r"/cc/v1/schedules/[^/]+/status": models.ScheduleStatus,
}
LIMITED = (429, 503)


def problems(exchange: Exchange, contract: Contract) -> Iterator[str]:
    """Every way in which one exchange differs from what 8x8 documents."""
    if exchange.path.startswith(PREFIX):
        yield from contract.check_request(exchange)
        yield from contract.check_response(exchange)
        yield from _sent(exchange)
    elif not _known(exchange):
        yield f"{exchange}: nothing of this path is documented"
    elif exchange.status == 200:
        yield from _fits(exchange, "answer", _model(ANSWERED, exchange.path), exchange.answered)
    if exchange.status is not None and exchange.status >= 400:
        yield from _fits(exchange, "problem", models.Problem, exchange.answered)
    if exchange.status in LIMITED:
        headers = exchange.response_headers
        yield from _fits(exchange, "headers", models.LimitHeaders, headers)


def assert_conforms(exchanges: Iterable[Exchange], shared_reference: Path) -> None:
    """Raises AssertionError that lists every difference; there must be some exchanges."""
    contract, seen = load_contract(shared_reference), list(exchanges)
    assert seen, "nothing was recorded"
    found = [problem for exchange in seen for problem in problems(exchange, contract)]
    assert not found, "\n".join(dict.fromkeys(found))


def assert_event_conforms(body: bytes, headers: Mapping[str, str]) -> None:
    """Raises ValidationError when 8x8 would not send such an event (sections 2.2 and 2.4)."""
    event = models.WebhookEvent.model_validate_json(body).root
    if not isinstance(event, models.Verify):
        models.EventHeaders.model_validate({name.lower(): headers[name] for name in headers})


def _sent(exchange: Exchange) -> Iterator[str]:
    if exchange.status is not None and exchange.status == 400:
        return
    for (method, path), model in SENT.items():
        if exchange.method == method and re.fullmatch(path, exchange.path):
            yield from _fits(exchange, "request", model, exchange.sent)


def _known(exchange: Exchange) -> bool:
    return exchange.method == "GET" and _model(ANSWERED, exchange.path) is not None


def _model(known: Mapping[str, type[BaseModel]], path: str) -> type[BaseModel] | None:
    return next((model for found, model in known.items() if re.fullmatch(found, path)), None)


def _fits(
    exchange: Exchange, part: str, model: type[BaseModel] | None, found: object
) -> Iterator[str]:
    assert model is not None
    try:
        model.model_validate(found)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            place = ".".join(str(step) for step in one["loc"])
            yield f"{exchange}: {part}: {place}: {one['msg']} ({model.__doc__})"
