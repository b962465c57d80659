"""Every shape in which 8x8, its siblings or a gateway says no."""

import time
from email.utils import formatdate

import pytest

from connector.eight.problems import error_of, read_problem, wait_asked
from connector.errors import (
    InvalidQueue,
    KeyRefused,
    NotFound,
    RateLimited,
    Refused,
    ServerFault,
    TenantRefused,
)
from tests.connector.eight.answering import Script, ask

# Status, body and what is made of it; the shapes of 8x8 Chat Gateway v1, error responses.
SHAPES = {
    "list of objects": (
        400,
        {
            "message": "Bad request.",
            "errors": [{"code": "invalid_queue", "message": "Queue ID 112 is invalid."}],
        },
        InvalidQueue,
        "invalid_queue",
        "Queue ID 112 is invalid.",
    ),
    "validations": (
        400,
        {
            "message": "Invalid.",
            "validations": [{"field": "webHookId", "value": "45", "code": "invalid_webhook"}],
        },
        Refused,
        "invalid_webhook",
        "Invalid.",
    ),
    "invalid queue in validations": (
        400,
        {"message": "Invalid.", "validations": [{"field": "q", "code": "invalid_queue"}]},
        InvalidQueue,
        "invalid_queue",
        "Invalid.",
    ),
    "one object": (
        400,
        {
            "message": "Invalid authorType=x",
            "errors": {"code": "invalid_json_object", "message": "has to be one of user, bot"},
            "referenceId": "98e9da1f",
        },
        Refused,
        "invalid_json_object",
        "Reference 98e9da1f.",
    ),
    "bad key": (
        401,
        {
            "message": "Access Denied",
            "errors": [{"message": "Access Denied", "code": "access_denied"}],
            "referenceId": "dacd0dd2",
        },
        KeyRefused,
        "access_denied",
        "401, Access Denied. Reference dacd0dd2.",
    ),
    "list of strings": (
        403,
        {
            "message": "The tenant does not belong to customer.",
            "errors": ["Header X-8x8-Tenant doesn't match tenant information"],
        },
        TenantRefused,
        None,
        "The tenant does not belong to customer. Header X-8x8-Tenant doesn't match",
    ),
    "tenant header missing": (
        400,
        {"message": "Bad request: X-8x8-Tenant header is missing."},
        TenantRefused,
        None,
        "header is missing.",
    ),
    "not found, strings": (404, {"message": "x", "errors": ["gone"]}, NotFound, None, "gone"),
    "not found, objects": (
        404,
        {"message": "x", "errors": [{"code": "resource_not_found", "message": "gone"}]},
        NotFound,
        "resource_not_found",
        "gone",
    ),
    "campaigns sibling": (
        403,
        {"title": "Forbidden", "status": 403, "detail": "product not attached", "errors": []},
        TenantRefused,
        None,
        "Forbidden product not attached.",
    ),
    "oauth": (
        401,
        {"ErrorCode": "invalid_request", "Error": "Unsupported grant type"},
        KeyRefused,
        "invalid_request",
        "Unsupported grant type",
    ),
    "gateway page": (502, b"<html>Bad Gateway</html>", ServerFault, None, "answered 502."),
    "xml": (403, b"<API><Error>403 - Forbidden.</Error></API>", TenantRefused, None, "403."),
    "empty": (500, b"", ServerFault, None, "answered 500."),
    "plain text": (500, b'"Internal server error."', ServerFault, None, "Internal server error."),
    "number": (400, b"12", Refused, None, "answered 400."),
    "null errors": (400, {"message": None, "errors": None}, Refused, None, "answered 400."),
    "list": (400, b"[1,2]", Refused, None, "answered 400."),
    "nested deep": (400, b'{"a":' * 100_000, Refused, None, "answered 400."),
    "not utf-8": (503, b"\xff\xfe\x00", ServerFault, None, "answered 503."),
    "rate limit": (429, {"code": 429, "message": "Slow down"}, RateLimited, None, "Slow down"),
    "redirect": (302, b"", Refused, None, "answered 302."),
    "teapot": (418, b"", Refused, None, "answered 418."),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_an_error_is_named_after_what_it_asks_of_the_caller(shape):
    status, body, kind, code, said = SHAPES[shape]
    server = Script((status, body))
    with pytest.raises(kind) as caught:
        ask(server, lambda eight: eight.conversation("c1"))
    error = caught.value
    assert type(error) is kind
    assert error.status == status
    assert error.code == code
    assert said in str(error)
    assert str(error).startswith("GET /chat-gateway/v1/conversations/c1: ")


def test_the_reference_for_8x8s_support_is_kept():
    error = error_of("GET /x", 400, {}, b'{"referenceId":"98e9da1f69f0"}')
    assert error.reference == "98e9da1f69f0"
    assert "98e9da1f69f0" in str(error)


def test_a_huge_error_is_read_in_part_and_said_in_few_words():
    huge = b'{"message":"' + b"x" * 50_000_000
    with pytest.raises(Refused) as caught:
        ask(Script((400, huge)), lambda eight: eight.conversation("c1"))
    assert len(str(caught.value)) < 200
    many = {"message": "m" * 1000, "errors": [{"message": f"e{n}"} for n in range(3000)]}
    with pytest.raises(Refused) as caught:
        ask(Script((400, many)), lambda eight: eight.conversation("c1"))
    assert len(str(caught.value)) < 500


def test_control_characters_do_not_reach_a_log_line():
    problem = read_problem(b'{"message":"one\\r\\ntwo\\u0000\\u009b3"}')
    assert problem.text == "one two 3"


def test_what_a_customer_said_is_blotted_out_of_the_error():
    echo = {"message": "Field 4111 1111 is too long: Ann Example", "errors": ["text `help me`"]}
    user = {"name": "Ann Example", "additionalProperties": [{"key": "card", "value": "4111 1111"}]}
    with pytest.raises(Refused) as caught:
        ask(
            Script((400, echo)),
            lambda eight: eight.create_conversation(
                channel_id="1",
                user=user,
                history=[{"authorType": "user", "text": "help me"}],
                queue_id=None,
            ),
        )
    assert "Field … is too long: …" in str(caught.value)
    for private in ("Ann", "4111", "help me"):
        assert private not in str(caught.value)


def test_a_value_that_failed_validation_is_not_repeated():
    body = (
        b'{"message":"Invalid.","validations":[{"field":"email","value":"ann@x","message":"no"}]}'
    )
    assert "ann@x" not in str(error_of("POST /x", 400, {}, body))


def test_no_error_holds_the_key():
    for status in (400, 401, 403, 404, 429, 500):
        with pytest.raises(Exception, match=str(status)) as caught:
            ask(Script((status, {"message": "no"})), lambda eight: eight.typing("c1"))
        assert "secret-key" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"x-ratelimit-reset": "12"}, 12.0),
        ({"x-ratelimit-reset": "1500000000"}, 0.0),
        ({"x-ratelimit-reset": "never"}, None),
        ({"retry-after": "3", "x-ratelimit-reset": "99"}, 3.0),
        ({"retry-after": "soon", "x-ratelimit-reset": "9"}, 9.0),
    ],
)
def test_how_long_8x8_asks_to_wait(headers, seconds):
    assert wait_asked(headers) == seconds


def test_a_date_and_a_moment_are_counted_from_now():
    date = formatdate(time.time() + 20, usegmt=True)
    assert wait_asked({"retry-after": date}) == pytest.approx(20, abs=2)
    reset = str(int(time.time()) + 20)
    assert wait_asked({"x-ratelimit-reset": reset}) == pytest.approx(20, abs=2)
    assert wait_asked({"x-ratelimit-reset": f"{reset}000"}) == pytest.approx(20, abs=2)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"message": "API product missing"}, "key"),
        (b"<html>Forbidden</html>", "key"),
        ({"errors": ["Tenant t does not belong to customer c."]}, "tenant"),
    ],
)
def test_a_403_is_about_the_tenant_only_when_it_speaks_of_it(body, reason):
    with pytest.raises(TenantRefused) as raised:
        ask(Script((403, body)), lambda eight: eight.conversation("c1"))
    assert raised.value.reason == reason
