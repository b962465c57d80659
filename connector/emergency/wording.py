"""Emergencies in words, for the banner, the command and the audit. Pure."""

from __future__ import annotations

from connector.emergency.model import Emergency

_PATHS = {
    "callback": "a callback",
    "email": "an e-mail",
    "message": "a message",
    "external": "an external contact",
}


def concerned(emergency: Emergency) -> str:
    """Whom it concerns: `all handoffs`, `handoffs for Cards (102)`."""
    parts = []
    if emergency.queues:
        parts.append(f"handoffs for {_either(emergency.queues)}")
    if emergency.intents:
        parts.append(f"handoffs with intent {_either(emergency.intents)}")
    return " and ".join(parts) or "all handoffs"


def instead(emergency: Emergency) -> str:
    """What happens to them: `queue General (101) for 120 s`, `a message: “Call us.”`."""
    path = emergency.failure_path
    if path is None:
        return f"queue {emergency.queue} for {emergency.timeout_s:g} s"
    target = f" to {path.target}" if path.target else ""
    return f"{_PATHS[path.kind]}{target} at once: “{path.text}”"


def sentence(emergency: Emergency) -> str:
    """Both: `All handoffs go to queue General (101) for 120 s`."""
    whom = concerned(emergency)
    verb = "get" if emergency.failure_path else "go to"
    return f"{whom[0].upper()}{whom[1:]} {verb} {instead(emergency)}"


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
