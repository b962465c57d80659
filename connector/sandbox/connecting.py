"""The operations of 8x8 Chat Gateway v1 that connect a tenant: webhooks, channels, public keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox import bodies
from connector.sandbox.conversation import new_id
from connector.sandbox.door import LISTED, OBJECTS, Door
from connector.sandbox.listing import HalAnswer, hal_list
from connector.sandbox.problems import invalid, not_found
from connector.sandbox.signing import public_jwk
from connector.sandbox.tenant import Channel, Tenant, Webhook

PREFIX = "/chat-gateway/v1"
Found = TypeVar("Found")


class Connecting:
    """Answers for one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self, door: Door) -> list[Route]:
        webhooks, webhook = PREFIX + "/webhooks", PREFIX + "/webhooks/{webhook_id}"
        channels, channel = PREFIX + "/channels", PREFIX + "/channels/{channel_id}"
        jwk = PREFIX + "/jwk/{kid}/public"
        return [
            door.route("GET", webhooks, self.webhooks, "webhooks", shapes=LISTED),
            door.route("POST", webhooks, self.create_webhook, "webhooks", shapes=LISTED),
            door.route("POST", webhooks + "/verify", self.verify, "webhooks", shapes=LISTED),
            door.route("GET", webhook, self.webhook, "webhooks"),
            door.route("PUT", webhook, self.update_webhook, "webhooks"),
            door.route("DELETE", webhook, self.delete_webhook, "webhooks"),
            door.route("GET", channels, self.channels, "channels", shapes=LISTED),
            door.route("POST", channels, self.create_channel, "channels", shapes=OBJECTS),
            door.route("GET", channel, self.channel, "channels"),
            door.route("PUT", channel, self.update_channel, "channels"),
            door.route("DELETE", channel, self.delete_channel, "channels"),
            door.route(
                "GET", jwk, self.public_key, "jwk", shapes={404: "strings"}, needs_key=False
            ),
        ]

    async def webhooks(self, request: Request) -> Response:
        return hal_list(request, "webhooks", self._tenant.webhooks.values(), Webhook.view)

    async def create_webhook(self, request: Request) -> Response:
        body = await bodies.read(request, bodies.Webhook)
        await self._verify(body.uri)
        webhook = Webhook(new_id(), body.name, body.uri, bodies.VERSION)
        self._tenant.webhooks[webhook.id] = webhook
        return HalAnswer(webhook.view())

    async def webhook(self, request: Request) -> Response:
        return HalAnswer(self._webhook(request).view())

    async def update_webhook(self, request: Request) -> Response:
        webhook = self._webhook(request)
        body = await bodies.read(request, bodies.Webhook)
        if body.uri != webhook.uri:
            await self._verify(body.uri)
        webhook.name, webhook.uri = body.name, body.uri
        return HalAnswer(webhook.view())

    async def delete_webhook(self, request: Request) -> Response:
        del self._tenant.webhooks[self._webhook(request).id]
        return Response(status_code=204)

    async def verify(self, request: Request) -> Response:
        body = await bodies.read(request, bodies.VerifyWebhook)
        await self._verify(body.uri)
        return Response(status_code=204)

    async def _verify(self, uri: str) -> None:
        """8x8 expects a 2xx to a test event when a webhook is added. Raises Problem 400."""
        event = {"notificationVersion": bodies.VERSION, "eventType": "WEB_HOOK_VERIFY"}
        if not await self._tenant.courier.verify(uri, json.dumps(event).encode()):
            message = "did not answer the verification event with a 2xx status."
            raise invalid("uri", uri, message, "webhook_not_verified")

    async def channels(self, request: Request) -> Response:
        return hal_list(request, "channels", self._tenant.channels.values(), Channel.view)

    async def create_channel(self, request: Request) -> Response:
        body = await self._channel_body(request)
        channel = Channel(new_id(), body.name, body.type, body.webHookId, body.routingOptions.id)
        self._tenant.channels[channel.id] = channel
        return HalAnswer(channel.view())

    async def channel(self, request: Request) -> Response:
        return HalAnswer(self._channel(request).view())

    async def update_channel(self, request: Request) -> Response:
        channel = self._channel(request)
        body = await self._channel_body(request)
        channel.name, channel.webhook_id = body.name, body.webHookId
        channel.queue_id = body.routingOptions.id
        return HalAnswer(channel.view())

    async def delete_channel(self, request: Request) -> Response:
        del self._tenant.channels[self._channel(request).id]
        return Response(status_code=204)

    async def public_key(self, request: Request) -> Response:
        kid = request.path_params["kid"]
        jwk = public_jwk(kid)
        if jwk is None:
            raise not_found("Jwk", kid)
        return JSONResponse(jwk)

    async def _channel_body(self, request: Request) -> bodies.Channel:
        body = await bodies.read(request, bodies.Channel)
        if body.webHookId not in self._tenant.webhooks:
            raise invalid("webHookId", body.webHookId, "does not exist.", "invalid_webhook")
        self._tenant.check_queue(body.routingOptions.id, "routingOptions.id")
        return body

    def _webhook(self, request: Request) -> Webhook:
        return _found(self._tenant.webhooks, "Webhook", request.path_params["webhook_id"])

    def _channel(self, request: Request) -> Channel:
        return _found(self._tenant.channels, "Channel", request.path_params["channel_id"])


def _found(kept: Mapping[str, Found], kind: str, identifier: str) -> Found:
    if identifier not in kept:
        raise not_found(kind, identifier)
    return kept[identifier]
