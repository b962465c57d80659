"""A person who plays the agents of a running sandbox, over HTTP as any other program would."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from connector.errors import HandoffError
from connector.loopback import call
from connector.settings import Settings, sandbox_of

TIMEOUT_S = 3.0


class Seen(BaseModel):
    """What comes from the sandbox: more than is read here may follow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Note(Seen):
    """One line of the case notes; `author` is user, bot, agent or system."""

    author: str
    text: str


class Interaction(Seen):
    """A conversation as the agent's desktop shows it; `state` is waiting, offered, active or idle.

    `agent` is the id of whoever has or had it.
    """

    id: str
    state: str
    queue_id: str
    queue: str
    agent: str | None = None
    contact_name: str | None = None
    case_category: str | None = None
    media_type: str | None = None
    language: str | None = None
    priority: str | None = None
    skill: str | None = None
    custom_fields: dict[str, str] = {}
    case_notes: tuple[Note, ...] = ()

    @property
    def waits(self) -> bool:
        return self.state in ("waiting", "offered")

    @property
    def is_served(self) -> bool:
        return self.state == "active"


class Member(Seen):
    """An agent of the sandbox; `queues` go from id to member level."""

    id: str
    name: str
    status: str
    languages: tuple[str, ...] = ()
    queues: dict[str, int] = {}


class Floor(Seen):
    """Agents and queues (id -> name) of a sandbox."""

    agents: tuple[Member, ...]
    queues: dict[str, str]

    def eligible(self, interaction: Interaction) -> list[Member]:
        """Members of its queue who are logged in, free ones first."""
        members = [
            agent
            for agent in self.agents
            if interaction.queue_id in agent.queues and agent.status != "logged_out"
        ]
        return sorted(members, key=lambda agent: (agent.status != "available", agent.name))

    def name_of(self, agent_id: str | None) -> str:
        return next((agent.name for agent in self.agents if agent.id == agent_id), agent_id or "")


class Player:
    """Plays agents of the sandbox at `address`. Every call raises HandoffError when refused."""

    def __init__(self, address: str) -> None:
        self._address = address

    def floor(self) -> Floor:
        world = self._call("GET", "/sandbox/world")
        queues = {queue["id"]: queue["name"] for queue in world["queues"]}
        return Floor.model_validate({"agents": world["agents"], "queues": queues})

    def look(self, conversation_id: str) -> Interaction:
        return self._on(conversation_id, "GET")

    def hold(self, conversation_id: str) -> None:
        """Keep the sandbox's own agents from it."""
        self._on(conversation_id, "POST", "hold")

    def accept(self, conversation_id: str, agent: str | None = None) -> None:
        """As this agent (id), else as whom 8x8 would ask."""
        self._on(conversation_id, "POST", "accept", agent=agent)

    def reject(self, conversation_id: str, agent: str | None = None) -> None:
        """The agent goes on break, the customer keeps waiting."""
        self._on(conversation_id, "POST", "reject", agent=agent)

    def write(self, conversation_id: str, text: str) -> None:
        self._on(conversation_id, "POST", "write", text=text)

    def transfer(self, conversation_id: str, queue_id: str) -> None:
        self._on(conversation_id, "POST", "transfer", queue=queue_id)

    def end(self, conversation_id: str) -> None:
        self._on(conversation_id, "POST", "end")

    def _on(
        self, conversation_id: str, method: str, wish: str = "", **body: str | None
    ) -> Interaction:
        path = f"/sandbox/agent/conversations/{quote(conversation_id, safe='')}"
        sent = body if method == "POST" else None
        return Interaction.model_validate(self._call(method, f"{path}/{wish}".rstrip("/"), sent))

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return call(self._address, method, path, body, timeout_s=TIMEOUT_S)


def player_of(settings: Settings) -> Player | None:
    """Whoever can play the agents of this tenant; None when it is no sandbox of this machine."""
    if sandbox_of(settings) is not None:
        return Player(settings.api_base)
    if not settings.is_loopback:
        return None
    player = Player(settings.api_base)
    try:
        player.floor()
    except HandoffError:
        return None
    return player
