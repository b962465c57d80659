"""The five troubles of a new connection, each with what to look at."""

from __future__ import annotations

TROUBLES: tuple[tuple[str, str], ...] = (
    (
        "The connection test fails",
        "Verify API Key, Tenant URL and Tenant ID. The check that failed says which: *host* means "
        "the Tenant URL is wrong or this machine cannot reach it; *key* (401) means the API Key is "
        "wrong or was withdrawn; *tenant* (403) means the Tenant ID does not belong to the key, or "
        "the API product is not attached to the key's app in the 8x8 Admin Console.",
    ),
    (
        "Queues do not load",
        "The key works but may not read queue statistics: attach the Contact Center API product "
        "to the key's app, and give it contact-center permission. Only chat queues are targets; a "
        "tenant that has phone queues alone shows none.",
    ),
    (
        "An escalation does not arrive",
        "The target queue has no agent in an available state. *Agents* above says for each queue "
        "who is available, busy or on break; agents must be logged in, be members of the queue "
        "and allowed to take chats. Also look at the schedule: a closed queue is skipped.",
    ),
    (
        "Agents miss context data",
        "A variable reaches the agent when the policy marks it for handoff, or when the policy is "
        "silent and the bot marks it. *Context* above names variables that were required or sent "
        "but not marked. At most 25 custom fields are passed, each up to 500 characters.",
    ),
    (
        "The channel does not match",
        "The bot's channel is mapped to no 8x8 channel, or to one of another type or queue. The "
        "conversation needs a Chat API channel with our webhook on it: *Set up in 8x8* makes or "
        "re-uses one, and the policy's channel map says which bot channel uses which.",
    ),
)

POLLING = (
    "Without a public address 8x8 cannot call back, so the connector asks: it polls conversations "
    "that wait, at most 5 requests a second. An agent who joins is found out up to some seconds "
    "later, and messages to and from the agent are as late."
)
