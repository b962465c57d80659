"""The conversation operations of 8x8 Chat Gateway v1."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.sandbox import bodies
from connector.sandbox.conversation import Conversation, Interaction, Line, Member, iso
from connector.sandbox.door import LISTED, RESOURCE, Door, Shapes
from connector.sandbox.listing import HalAnswer, hal_list
from connector.sandbox.problems import Problem, not_found
from connector.sandbox.tenant import Tenant

PREFIX = "/chat-gateway/v1/conversations"
ONE = PREFIX + "/{conversation_id}"
# A refused message comes with one error object, not with a list.
WRITTEN: Shapes = {**RESOURCE, 400: "object"}


class Gateway:
    """Answers for one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self, door: Door) -> list[Route]:
        """The busiest first: the router tries them in this order."""
        return [
            door.route("POST", PREFIX, self.create, "create", shapes=LISTED),
            door.route("GET", ONE, self.read, "conversation"),
            door.route("PATCH", ONE, self.patch, "reassign"),
            door.route("PATCH", ONE + "/participants/user", self.patch_user, "end"),
            door.route("POST", ONE + "/messages", self.write, "message", shapes=WRITTEN),
            door.route("GET", ONE + "/messages", self.messages, "message", shapes=LISTED),
            door.route("GET", PREFIX, self.conversations, "conversation", shapes=LISTED),
            door.route("PUT", ONE, self.put, "reassign"),
            door.route("GET", ONE + "/interactions", self.interactions, "conversation"),
            door.route(
                "GET", ONE + "/participants", self.participants, "conversation", shapes=LISTED
            ),
            door.route("GET", ONE + "/messages/{message_id}", self.message, "message"),
            door.route("POST", ONE + "/typing", self.typing, "message", shapes=LISTED),
            door.route("POST", ONE + "/thinking", self.thinking, "message", shapes=LISTED),
            door.route("POST", ONE + "/read-receipt", self.read_receipt, "message", shapes=LISTED),
            door.route(
                "POST",
                ONE + "/post-agent-assignment",
                self.hand_back,
                "conversation",
                shapes=LISTED,
            ),
        ]

    def _conversation(self, request: Request) -> Conversation:
        return self._tenant.find(request.path_params["conversation_id"])

    async def create(self, request: Request) -> Response:
        body = await bodies.read(request, bodies.CreateConversation)
        assignment = body.assignment
        conversation = self._tenant.create(
            body.channelId,
            body.user.model_dump(exclude_none=True),
            (assignment.type, assignment.id) if assignment else None,
            body.history.messages if body.history else (),
        )
        made = {"conversationId": conversation.id, "createdAt": iso(conversation.created_at)}
        return HalAnswer(made, 202)

    async def conversations(self, request: Request) -> Response:
        return hal_list(
            request,
            "conversations",
            self._tenant.conversations.values(),
            Conversation.view,
            order={"id": lambda found: found.id, "createdAt": lambda found: found.number},
        )

    async def read(self, request: Request) -> Response:
        return HalAnswer(self._conversation(request).view())

    async def patch(self, request: Request) -> Response:
        conversation = self._conversation(request)
        body = await bodies.read(request, bodies.PatchConversation)
        return self._change(conversation, body.user, body.assignment)

    async def put(self, request: Request) -> Response:
        conversation = self._conversation(request)
        body = await bodies.read(request, bodies.PutConversation)
        return self._change(conversation, body.user, body.assignment)

    def _change(
        self,
        conversation: Conversation,
        user: bodies.User | None,
        assignment: bodies.Assignment | None,
    ) -> Response:
        if assignment is not None:
            self._tenant.assign(conversation, assignment.type, assignment.id)
        if user is not None:
            self._tenant.change_user(conversation, user.model_dump(exclude_none=True))
        return HalAnswer(conversation.view(), 202)

    async def patch_user(self, request: Request) -> Response:
        """404 when the interaction had ended before: nobody is left to remove."""
        conversation = self._conversation(request)
        body = await bodies.read(request, bodies.PatchUser)
        if body.removed and not self._tenant.center.remove_user(conversation):
            raise not_found("Participant", "user")
        return Response(status_code=204)

    async def interactions(self, request: Request) -> Response:
        found = self._conversation(request).interactions
        return hal_list(request, "interactions", found, Interaction.view, default_sort=None)

    async def participants(self, request: Request) -> Response:
        found = self._conversation(request).members.values()
        return hal_list(request, "participants", found, Member.view, default_sort=None)

    async def messages(self, request: Request) -> Response:
        lines = self._conversation(request).lines
        places = {line.id: place for place, line in enumerate(lines)}
        return hal_list(
            request,
            "messages",
            lines,
            Line.view,
            order={"createdAt": lambda line: (line.created_at, places[line.id])},
            default_sort="createdAt:desc",
        )

    async def message(self, request: Request) -> Response:
        message_id = request.path_params["message_id"]
        for line in self._conversation(request).lines:
            if line.id == message_id:
                return HalAnswer(line.view())
        raise not_found("Message", message_id)

    async def write(self, request: Request) -> Response:
        conversation = self._conversation(request)
        body = await bodies.read(request, bodies.Message, code="invalid_json_object")
        self._tenant.write(conversation, body)
        return Response(status_code=202)

    async def typing(self, request: Request) -> Response:
        return await self._indicate(request, bodies.Typing)

    async def thinking(self, request: Request) -> Response:
        return await self._indicate(request, bodies.Thinking)

    async def read_receipt(self, request: Request) -> Response:
        return await self._indicate(request, bodies.ReadReceipt)

    async def _indicate(self, request: Request, kind: type[bodies.Body]) -> Response:
        """Shown to agents only; nothing comes back to the webhook."""
        self._conversation(request)
        await bodies.read(request, kind, code="invalid_parameter")
        return Response(status_code=204)

    async def hand_back(self, request: Request) -> Response:
        conversation = self._conversation(request)
        kind = bodies.PostAgentAssignment
        body = await bodies.read(request, kind, code="invalid_parameter")
        if body.id not in self._tenant.webhooks:
            message = f"Webhook {body.id} does not exist."
            raise Problem(400, "invalid_parameter", message)
        wanted: dict[str, Any] = body.model_dump(exclude_none=True)
        conversation.post_agent = wanted
        return Response(status_code=201)
