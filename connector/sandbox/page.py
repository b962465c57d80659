"""A small page on which a person plays the agent: who waits, what the agent sees, and buttons.

One plain page without anything from elsewhere; every text of a customer is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from connector.sandbox.conversation import Conversation
from connector.sandbox.tenant import Tenant

MOST_SHOWN = 100
# Nothing but this page's own style and script may run, whatever a customer writes.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
POLICY += "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; } a { color: #2a62c8; }
.columns { display: grid; grid-template-columns: minmax(16rem, 1fr) 2fr; gap: 2rem; }
@media (max-width: 48rem) { .columns { grid-template-columns: 1fr; } }
table { border-collapse: collapse; width: 100%; }
td { border-bottom: 1px solid var(--line); padding: .35rem .6rem .35rem 0;
  text-align: left; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { width: 11rem; }
form { display: inline-block; margin: .3rem .4rem .3rem 0; }
button, input, select { font: inherit; padding: .3rem .6rem; }
.notes { max-height: 22rem; overflow: auto; border: 1px solid var(--line); padding: .6rem; }
.author { font-weight: 600; margin-right: .5rem; }
@media (prefers-color-scheme: dark) { a { color: #8ab4f8; } }
"""
SCRIPT = """
setInterval(async () => {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next && !part.contains(document.activeElement)) part.replaceWith(next);
  }
}, 2000);
"""


class Page:
    """Renders the desk of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    async def answer(self, request: Request) -> Response:
        chosen = self._tenant.conversations.get(request.query_params.get("conversation", ""))
        text = "".join(self._page(chosen))
        headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
        return HTMLResponse(text, headers=headers)

    def _page(self, chosen: Conversation | None) -> Iterator[str]:
        yield "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        yield "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        yield f"<title>Sandbox agent</title><style>{STYLE}</style></head><body>"
        yield "<h1>Sandbox agent</h1>"
        yield "<p>Take a waiting customer and see what a live agent would see.</p>"
        yield "<div class='columns'>"
        yield from self._list()
        if chosen is None:
            yield "<p>Choose a conversation.</p>"
        else:
            yield from self._desk(chosen)
        yield f"</div><script>{SCRIPT}</script></body></html>"

    def _list(self) -> Iterator[str]:
        names = self._tenant.center.names
        found = [item for item in self._tenant.conversations.values() if item.state == "active"]
        yield "<section id='list' data-live>"
        for title, served in (("Waiting", False), ("With an agent", True)):
            shown = [item for item in found if item.is_served is served]
            yield f"<h2>{title} ({len(shown)})</h2>"
            if not shown:
                yield "<p>Nobody.</p>"
            yield from _table(
                (
                    _link(item, item.user.get("name") or "No name"),
                    escape(names[item.queue_id]),
                )
                for item in shown[:MOST_SHOWN]
            )
            if len(shown) > MOST_SHOWN:
                yield f"<p>and {len(shown) - MOST_SHOWN} more</p>"
        yield "</section>"

    def _desk(self, conversation: Conversation) -> Iterator[str]:
        view = conversation.desk_view(self._tenant.center.names[conversation.queue_id])
        yield "<main>"
        yield "<section id='context' data-live>"
        yield f"<h2>{escape(view['contact_name'] or 'No name')}</h2>"
        yield from _table(
            (f"<b>{escape(label)}</b>", escape(str(value)))
            for label, value in _rows(view)
            if value not in (None, "")
        )
        yield "<h2>Case notes</h2><div class='notes'>"
        for note in view["case_notes"]:
            author = f"<span class='author'>{escape(note['author'])}</span>"
            yield f"<p>{author}{escape(note['text'])}</p>"
        yield "</div></section><section id='actions' data-live>"
        yield from self._actions(conversation)
        yield "</section></main>"

    def _actions(self, conversation: Conversation) -> Iterator[str]:
        if conversation.is_waiting:
            yield _form(conversation, "accept", self._members(conversation), "Accept")
            yield _form(conversation, "reject", "", "Reject")
        elif conversation.is_served:
            text = "<input name='text' aria-label='Message' required autocomplete='off'>"
            yield _form(conversation, "write", text, "Write")
            yield _form(conversation, "typing", "", "Typing")
            yield _form(conversation, "transfer", self._queues(conversation), "Transfer")
            yield _form(conversation, "end", "", "End")

    def _members(self, conversation: Conversation) -> str:
        agents = [
            (seat.agent.id, f"{seat.agent.name} ({seat.status.replace('_', ' ')})")
            for seat in self._tenant.center.seats.values()
            if conversation.queue_id in seat.agent.queues
        ]
        return _select("agent", "Agent", [("", "Whoever is free"), *agents])

    def _queues(self, conversation: Conversation) -> str:
        names = self._tenant.center.names.items()
        return _select(
            "queue", "Queue", [item for item in names if item[0] != conversation.queue_id]
        )


def _rows(view: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "State", view["state"]
    yield "Queue", view["queue"]
    yield "Agent", view["agent"]
    yield "Case category", view["case_category"]
    yield "Media type", view["media_type"]
    yield "Language", view["language"]
    yield "Priority", view["priority"]
    yield "Skill", view["skill"]
    yield from view["custom_fields"].items()


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Cells are HTML already."""
    yield "<table>"
    for cells in rows:
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</table>"


def _link(conversation: Conversation, text: str) -> str:
    return f"<a href='/sandbox/?conversation={escape(conversation.id)}'>{escape(text)}</a>"


def _form(conversation: Conversation, action: str, inner: str, label: str) -> str:
    target = f"/sandbox/agent/conversations/{escape(conversation.id)}/{action}"
    back = "<input type='hidden' name='back' value='1'>"
    return f"<form method='post' action='{target}'>{back}{inner} <button>{label}</button></form>"


def _select(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    inner = "".join(
        f"<option value='{escape(value)}'>{escape(text)}</option>" for value, text in options
    )
    return f"<select name='{name}' aria-label='{label}'>{inner}</select>"
