"""The OpenAPI description of the service, made from the models it really uses."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from connector.handoff import Handoff
from connector.service import problems
from connector.service.bodies import Feedback, HandoffState, Text

Json = dict[str, Any]
Answers = dict[int, type[BaseModel] | None]
_REF = "#/components/schemas/{model}"
_ID: Json = {
    "name": "handoff_id",
    "in": "path",
    "required": True,
    "description": "The bot's own key, percent-encoded.",
    "schema": {"type": "string", "minLength": 1},
}
_TIMEOUT: Json = {
    "name": "timeout_s",
    "in": "query",
    "description": "How long to wait, in seconds; the state as it stands is the answer then.",
    "schema": {"type": "number", "minimum": 0, "maximum": 300, "default": 25},
}


@cache
def description() -> Json:
    """The whole document, OpenAPI 3.1."""
    one = "/v1/handoffs/{handoff_id}"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Handoff service",
            "version": version("handoff-tuner"),
            "description": "Hands customers of a chatbot to live agents in 8x8 Contact Center.",
        },
        "security": [{}, {"token": []}],
        "paths": {
            "/v1/handoffs": {"post": _create()},
            one: {"get": _operation("read", "The handoff as it stands.", {200: HandoffState})},
            one + "/wait": {"get": _wait()},
            one + "/events": {"get": _events()},
            one + "/abandon": {"post": _operation("abandon", _ABANDON, {200: HandoffState})},
            one + "/feedback": {"post": _operation("feedback", _FEEDBACK, {204: None}, Feedback)},
            one + "/messages": {"post": _operation("say", _SAY, {204: None}, Text)},
            one + "/typing": {"post": _operation("typing", _TYPING, {204: None})},
            one + "/end": {"post": _operation("end", "Hang up.", {204: None})},
            "/healthz": {"get": _probe("health", "The process answers.", ("ok",), {200})},
            "/readyz": {"get": _readiness()},
            "/metrics": {"get": _metrics()},
            "/openapi.json": {"get": _probe("description", "This document.", ("openapi",), {200})},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_ABANDON = "The customer left. An agent who joined before that stays the outcome."
_FEEDBACK = "Whether the customer's matter was resolved."
_SAY = "Pass the customer's words on to the agent."
_TYPING = "Show the agent that the customer is typing."
_PROBLEMS = {
    401: "The token is missing or wrong.",
    404: "No attempt is known under this handoff_id, or another process serves it.",
    409: "The handoff is in no state for this.",
    502: "8x8 did not do it.",
    503: "Not now; try again.",
}
_BODY_PROBLEMS = {
    400: "The body is not JSON.",
    413: "The body is too long.",
    415: "The body is not sent as application/json.",
    422: "Some fields cannot be used; `errors` names them.",
}


def _create() -> Json:
    made: Answers = {200: HandoffState, 202: HandoffState}
    operation = _operation("create", _CREATE, made, Handoff, of_one=False)
    for status, text in ((200, "It had ended before."), (202, "The customer waits.")):
        operation["responses"][str(status)]["description"] = text
    # A handoff_id from the answer's address leads to everything else.
    operation["responses"]["202"]["links"] = {
        name: {"operationId": name, "parameters": {"handoff_id": "$response.body#/handoff_id"}}
        for name in ("read", "wait", "abandon")
    }
    return operation


_CREATE = "Start a handoff. The same handoff_id is the same attempt, whoever asks and how often."


def _wait() -> Json:
    operation = _operation("wait", "Long poll for the outcome.", {200: HandoffState})
    operation["parameters"].append(_TIMEOUT)
    operation["responses"]["422"] = _problem("`timeout_s` is out of range.")
    return operation


def _events() -> Json:
    operation = _operation("events", _EVENTS, {200: None})
    operation["responses"]["200"]["content"] = {"text/event-stream": {}}
    return operation


_EVENTS = (
    "Server-sent events of a handoff from its beginning until it is over: created, step, waiting, "
    "accepted, message, typing, transferred, ended, outcome. Data is JSON: kind, at (UTC), data."
)


def _readiness() -> Json:
    fields = ("ready", "policy_version", "eight_ok")
    return _probe("readiness", "Whether handoffs are taken.", fields, {200, 503})


def _metrics() -> Json:
    operation = _probe("metrics", "Figures for Prometheus.", (), {200})
    operation["responses"] = {
        "200": {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}},
        "401": _problem(_PROBLEMS[401]),
    }
    return operation


def _operation(
    name: str,
    summary: str,
    answers: Answers,
    body: type[BaseModel] | None = None,
    *,
    of_one: bool = True,
) -> Json:
    said = _PROBLEMS | (_BODY_PROBLEMS if body else {})
    if not of_one:
        said = {status: text for status, text in said.items() if status not in {404, 409}}
    operation: Json = {
        "operationId": name,
        "summary": summary,
        "parameters": [_ID] if of_one else [],
        "responses": {
            **{str(status): _answer(model) for status, model in answers.items()},
            **{str(status): _problem(text) for status, text in said.items()},
        },
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _content(body)}
    return operation


def _probe(name: str, summary: str, fields: tuple[str, ...], statuses: set[int]) -> Json:
    schema = {"type": "object", "required": list(fields)}
    answer = {"description": "OK", "content": {"application/json": {"schema": schema}}}
    return {
        "operationId": name,
        "summary": summary,
        "security": [{}],
        "responses": {str(status): answer for status in statuses},
    }


def _answer(model: type[BaseModel] | None) -> Json:
    return {"description": "OK", "content": _content(model)} if model else {"description": "Done"}


def _problem(text: str) -> Json:
    schema = {"$ref": _REF.format(model=problems.Problem.__name__)}
    return {"description": text, "content": {problems.MEDIA_TYPE: {"schema": schema}}}


def _content(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}


def _schemas() -> Json:
    _, document = models_json_schema(
        [
            (Handoff, "validation"),
            (Feedback, "validation"),
            (Text, "validation"),
            (HandoffState, "serialization"),
            (problems.Problem, "serialization"),
        ],
        ref_template=_REF,
    )
    schemas: Json = document["$defs"]
    asked = schemas[Handoff.__name__]["properties"]
    # Numbers and switches are taken as text, null as absent, and a name given twice is one name.
    asked["variables"]["additionalProperties"] = {"type": ["string", "number", "boolean", "null"]}
    del asked["marked"]["uniqueItems"]
    return schemas
