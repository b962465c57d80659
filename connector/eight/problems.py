"""What went wrong, out of an error answer: 8x8 has its own shapes, and a gateway in front of it.

Shapes: 8x8 Chat Gateway v1, error responses (`errors` is a list of strings, a list of objects or
one object); siblings of that API answer `title` and `detail`; a gateway may answer HTML.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from connector.errors import (
    EightError,
    InvalidQueue,
    KeyRefused,
    NotFound,
    RateLimited,
    Refused,
    ServerFault,
    TenantRefused,
)

LONGEST_TEXT = 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,6})?")
# A reset header below this is a number of seconds, not a moment since 1970.
_FIRST_MOMENT = 1_000_000_000


@dataclass(frozen=True)
class Problem:
    """An error answer, read: all codes and texts found, and 8x8's reference for its support."""

    texts: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    reference: str | None = None

    @property
    def text(self) -> str:
        return " ".join(dict.fromkeys(self.texts))[:LONGEST_TEXT]

    def mentions(self, word: str) -> bool:
        return word.casefold() in " ".join(self.texts).casefold()


def read_problem(body: bytes) -> Problem:
    """Read whatever came as an error; never raises."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return Problem()
    if isinstance(content, str):
        return Problem(texts=(_plain(content),))
    if not isinstance(content, dict):
        return Problem()
    found = list(_details(content))
    reference = content.get("referenceId")
    return Problem(
        texts=tuple(text for text, _ in found if text),
        codes=tuple(code for _, code in found if code),
        reference=_plain(reference) if isinstance(reference, str) else None,
    )


def _details(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of text and code; a rejected value itself, which may be a customer's, is left out."""
    for key in ("message", "title", "detail", "Error", "error"):
        if isinstance(content.get(key), str):
            yield _plain(content[key]), ""
    for key in ("ErrorCode", "code"):
        if isinstance(content.get(key), str):
            yield "", _plain(content[key])
    for key in ("errors", "validations"):
        found = content.get(key)
        for item in found if isinstance(found, list) else [found]:
            if isinstance(item, str):
                yield _plain(item), ""
            elif isinstance(item, dict):
                yield _plain(item.get("message")), _plain(item.get("code"))


def _plain(text: object) -> str:
    return _CONTROL.sub(" ", text).strip()[:LONGEST_TEXT] if isinstance(text, str) else ""


def error_of(
    call: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    private: tuple[str, ...] = (),
) -> EightError:
    """The error of an answer that is no success.

    `call` names it in the message, such as `POST /conversations`; texts in `private` (what the
    customer said or is called) are blotted out of it.
    """
    problem = read_problem(body)
    kind = _kind(status, problem)
    said = _blot(problem.text, private)
    message = f"{call}: 8x8 answered {status}" + (f", {said}" if said else "")
    if not message.endswith("."):
        message += "."
    if problem.reference:
        message += f" Reference {problem.reference}."
    error = kind(
        message,
        status=status,
        code=problem.codes[0] if problem.codes else None,
        reference=problem.reference,
        retry_after_s=wait_asked(headers) if status in (429, 503) else None,
    )
    if status == 403 and not problem.mentions("tenant"):
        # The key is known and lacks the API product or a permission; the tenant is not at fault.
        error.reason = "key"
    return error


def _kind(status: int, problem: Problem) -> type[EightError]:
    if status == 429:
        return RateLimited
    if status >= 500:
        return ServerFault
    if status == 400 and "invalid_queue" in problem.codes:
        return InvalidQueue
    if status == 400 and problem.mentions("8x8-tenant"):
        return TenantRefused
    return {401: KeyRefused, 403: TenantRefused, 404: NotFound}.get(status, Refused)


def _blot(text: str, private: tuple[str, ...]) -> str:
    for words in sorted({words.strip() for words in private}, key=len, reverse=True):
        if len(words) > 1:
            text = text.replace(words[:LONGEST_TEXT], "…")
    return text


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """Wall seconds 8x8 asks to wait: `Retry-After` (seconds or date), else `x-ratelimit-reset`."""
    asked = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(asked):
        return float(asked)
    if asked:
        try:
            return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
        except (ValueError, OverflowError):
            pass
    reset = headers.get("x-ratelimit-reset", "").strip()
    if not _SECONDS.fullmatch(reset) and not re.fullmatch(r"\d{10,13}", reset):
        return None
    moment = float(reset)
    if moment < _FIRST_MOMENT:
        return moment
    return max(0.0, (moment / 1000 if moment > 1e12 else moment) - time.time())
