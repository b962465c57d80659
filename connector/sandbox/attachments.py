"""The attachment operations of 8x8 Chat Gateway v1, in their simplest form."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.sandbox.conversation import Attachment, new_id
from connector.sandbox.door import RESOURCE, Door
from connector.sandbox.listing import HalAnswer, hal_list
from connector.sandbox.problems import invalid, not_found
from connector.sandbox.tenant import Tenant

PREFIX = "/chat-gateway/v1/conversations/{conversation_id}/attachments"
MOST_BYTES = 10 * 1024 * 1024


class Attachments:
    """Answers for one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self, door: Door) -> list[Route]:
        one = PREFIX + "/{attachment_id}"
        add_shapes = {**RESOURCE, 403: "objects"}
        return [
            door.route("GET", PREFIX, self.attachments, "message"),
            door.route("POST", PREFIX, self.add, "message", shapes=add_shapes),
            door.route("GET", one, self.attachment, "message"),
            door.route("GET", one + "/content", self.content, "message"),
        ]

    async def attachments(self, request: Request) -> Response:
        conversation = self._tenant.find(request.path_params["conversation_id"])
        found = conversation.attachments.values()
        return hal_list(request, "attachments", found, Attachment.view)

    async def add(self, request: Request) -> Response:
        conversation = self._tenant.find(request.path_params["conversation_id"])
        async with request.form() as form:
            file, author = form.get("attachment"), form.get("authorType") or "user"
            if not isinstance(file, UploadFile):
                raise invalid("attachment", "", "a file is needed.")
            if author not in ("user", "bot"):
                raise invalid("authorType", author, "has to be one of user, bot.")
            content = await file.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise invalid("attachment", file.filename, "is too large.")
            attachment = Attachment(
                id=new_id(),
                filename=file.filename or "file",
                type=file.content_type or "application/octet-stream",
                content=content,
                created_at=self._tenant.clock.now(),
            )
        conversation.attachments[attachment.id] = attachment
        return HalAnswer(attachment.view())

    async def attachment(self, request: Request) -> Response:
        return HalAnswer(self._attachment(request).view())

    async def content(self, request: Request) -> Response:
        found = self._attachment(request)
        headers = {"content-disposition": "attachment"}
        return Response(found.content, media_type="application/octet-stream", headers=headers)

    def _attachment(self, request: Request) -> Attachment:
        conversation = self._tenant.find(request.path_params["conversation_id"])
        attachment_id = request.path_params["attachment_id"]
        if attachment_id not in conversation.attachments:
            raise not_found("Attachment", attachment_id)
        return conversation.attachments[attachment_id]
