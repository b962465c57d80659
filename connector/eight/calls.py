"""How a call to 8x8 is made: JSON out and in, pages followed, errors named, failures repeated."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from connector.eight.http import Answer, Http
from connector.eight.problems import error_of
from connector.eight.records import part
from connector.eight.repeating import Repeatable, Repeating, any_fault, not_done
from connector.errors import AnswerLost, KeyRefused, Refused, ServerFault, TenantRefused

PAGE_SIZE, MOST_PAGES = 100, 200
Found = Mapping[str, Any]
Record = TypeVar("Record")


class Calls:
    """Calls that answer with content; paths begin with a slash and may carry a query."""

    def __init__(self, http: Http, repeating: Repeating, *, keyed: bool = True) -> None:
        self.http, self._repeating, self._keyed = http, repeating, keyed

    async def get(self, path: str, *, keyless: bool = False) -> Any:
        """The content of a read. Raises ServerFault when it is not JSON."""
        return content(await self.call("GET", path, any_fault, keyless=keyless))

    async def create(self, path: str, sent: Found, *, private: Sequence[object] = ()) -> Found:
        """The object 8x8 made. Raises AnswerLost when the answer does not tell."""
        answer = await self.call("POST", path, not_done, sent, private=private)
        try:
            found = content(answer)
        except ServerFault:
            found = None
        if not isinstance(found, dict):
            raise AnswerLost(
                f"POST {path}: 8x8 answered {answer.status} without saying what it made.",
                status=answer.status,
            )
        return found

    async def put(self, path: str, sent: Found) -> Any:
        return content(await self.call("PUT", path, any_fault, sent))

    async def records(
        self,
        path: str,
        name: str,
        read: Callable[[Found], Record],
        *,
        sort: str | None = None,
        pages: int = MOST_PAGES,
    ) -> list[Record]:
        """Every record of a paged list, up to `pages` pages of 100."""
        records: list[Record] = []
        for number in range(pages):
            asked = {"page": number, "size": PAGE_SIZE} | ({"sort": sort} if sort else {})
            page = await self.get(f"{path}?{urlencode(asked)}")
            found = embedded(page, name)
            records += [record(item, read) for item in found]
            if not found or _is_last(page, number, len(found)):
                break
        return records

    async def call(
        self,
        method: str,
        path: str,
        repeatable: Repeatable,
        sent: Found | None = None,
        *,
        private: Sequence[object] = (),
        keyless: bool = False,
    ) -> Answer:
        """One call, made again as `repeatable` allows. `private` is kept out of error messages.

        Without an address, or without a key unless `keyless`, nothing leaves this machine.
        """
        if (lacking := self._lacking(keyless)) is not None:
            raise lacking
        body = None if sent is None else encoded(sent)

        async def once() -> Answer:
            answer = await self.http.send(method, path, body)
            if 200 <= answer.status < 300:
                return answer
            raise error_of(
                f"{method} {path.partition('?')[0]}",
                answer.status,
                answer.headers,
                answer.body,
                private=tuple(_texts(private)),
            )

        return await self._repeating(once, repeatable)

    def _lacking(self, keyless: bool) -> Refused | None:
        if not self.http.base:
            return TenantRefused("No tenant is configured: the tenant address is missing.")
        if not self._keyed and not keyless:
            return KeyRefused("No tenant is configured: the API key is missing.")
        return None


def encoded(sent: Found) -> bytes:
    # Half a surrogate pair is valid in a str and nowhere else.
    return json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def content(answer: Answer) -> Any:
    try:
        return json.loads(answer.body) if answer.body else {}
    except (ValueError, RecursionError):
        raise ServerFault(
            f"An answer with status {answer.status} is not JSON. Is the Tenant URL one of 8x8?",
            status=answer.status,
        ) from None


def record(found: Any, read: Callable[[Found], Record]) -> Record:
    try:
        return read(found)
    except (KeyError, TypeError, AttributeError):
        raise ServerFault("8x8 answered with something else than was asked for.") from None


def embedded(page: Any, name: str) -> list[Found]:
    """The items of a list answer; a missing `_embedded` is an empty list."""
    found = part(page, "_embedded").get(name) if isinstance(page, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _is_last(page: Found, number: int, count: int) -> bool:
    total = part(page, "page").get("totalPages")
    return number + 1 >= total if isinstance(total, int | float) else count < PAGE_SIZE


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)
