"""Lists as the Chat Gateway gives them: HAL envelope, pages, order, filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse

from connector.sandbox import fiql
from connector.sandbox.problems import invalid

Item = TypeVar("Item")
LARGEST_PAGE = 1_000


class HalAnswer(JSONResponse):
    media_type = "application/hal+json"


def hal_list(
    request: Request,
    name: str,
    items: Iterable[Item],
    view: Callable[[Item], dict[str, Any]],
    *,
    order: Mapping[str, Callable[[Item], Any]] | None = None,
    default_sort: str | None = "id:asc",
) -> HalAnswer:
    """One page of a list.

    `order` gives keys for attributes that are not, or not cheaply, in the view. Without a
    `default_sort` the items come as they are. Raises Problem 400 for a page, size, sort or filter
    that cannot be read.
    """
    size, number = _number(request, "size", 20, 1), _number(request, "page", 0, 0)
    kept = _filtered(request, list(items), view)
    if sort := request.query_params.get("sort") or default_sort:
        _sort(kept, sort, view, order or {})
    size = min(size, LARGEST_PAGE)
    shown = [view(item) for item in kept[number * size : (number + 1) * size]]
    page = {
        "size": size,
        "number": number,
        "totalElements": len(kept),
        "totalPages": -(-len(kept) // size),
    }
    links = {"self": {"href": str(request.url)}}
    return HalAnswer({"_embedded": {name: shown}, "_links": links, "page": page})


def _number(request: Request, name: str, default: int, least: int) -> int:
    text = request.query_params.get(name)
    try:
        number = int(text) if text else default
    except ValueError:
        number = least - 1
    if number < least:
        raise invalid(name, text, f"must be a whole number of at least {least}.")
    return number


def _filtered(
    request: Request, items: list[Item], view: Callable[[Item], dict[str, Any]]
) -> list[Item]:
    text = request.query_params.get("filter")
    if not text:
        return items
    try:
        test = fiql.parse(text)
    except fiql.BadFilter as error:
        raise invalid("filter", text, f"is not FIQL: {error}.") from None
    return [item for item in items if test(view(item))]


def _sort(
    items: list[Item],
    sort: str,
    view: Callable[[Item], dict[str, Any]],
    order: Mapping[str, Callable[[Item], Any]],
) -> None:
    name, _, direction = sort.partition(":")
    if direction not in ("", "asc", "desc"):
        raise invalid("sort", sort, "must end with :asc or :desc.")

    def by_view(item: Item) -> str:
        value = fiql.field_of(view(item), name)
        return "" if value is None else str(value)

    items.sort(key=order.get(name, by_view), reverse=direction == "desc")
