"""Which webhook events are believed (8x8-api section 2.4, signature)."""

import asyncio
import base64
import hmac
import json
import time
import zlib
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc.jwk import ECKey, RSAKey

from connector.clock import Anchor, Clock
from connector.eight import SignatureCheck, keys, sign
from connector.errors import AnswerLost, NotFound, SignatureRefused

BODY = '{"eventType":"MESSAGE","data":{"text":"¿qué?"}}'.encode()
KEY = RSAKey.generate_key(2048, private=True)
OTHER = RSAKey.generate_key(2048, private=True)
NOW = datetime(2026, 3, 2, 12, 0, 0)
NOW_MS = int((NOW - datetime(1970, 1, 1)).total_seconds() * 1000)
KID = "EXaiWfZe20eSjklZ70074w"


def clock(speed=1.0, now=NOW):
    return Clock(Anchor(now, 0.0, speed), wall=lambda: 0.0)


def signed(body=BODY, *, key=KEY, kid=KID, tenant="acme01", at_ms=NOW_MS, retry=0):
    return sign(
        body,
        key=key,
        kid=kid,
        tenant_id=tenant,
        customer_id="cust-1",
        event_id="event-1",
        retry=retry,
        transmission_ms=at_ms,
    )


def checking(*, tenant="acme01", jwks=None, speed=1.0, fetched=None):
    jwks = {KID: KEY.as_dict(private=False)} if jwks is None else jwks

    async def fetch(kid):
        if fetched is not None:
            fetched.append(kid)
        if kid not in jwks:
            raise NotFound("no such key")
        return jwks[kid]

    return SignatureCheck(fetch, tenant_id=tenant, clock=clock(speed))


def verify(headers, body=BODY, **check):
    asyncio.run(checking(**check).verify(body, headers))


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def by_hand(header, *, key=KEY, **changes):
    """A signature made with nothing but RSA, as the vendor's samples describe it."""
    headers = signed()
    payload = (
        f'{{"checksum":{zlib.crc32(BODY)},"cid":"cust-1","eid":"event-1","retry":0,'
        f'"tid":"acme01","tt":{NOW_MS}}}'
    ).encode()
    start = b64(json.dumps(header).encode())
    signature = key.private_key.sign(start + b"." + payload, padding.PKCS1v15(), hashes.SHA256())
    return {**headers, "x-8x8-signature": (start + b".." + b64(signature)).decode(), **changes}


def test_what_8x8_signed_is_believed():
    verify(signed())
    verify(signed(retry=3))


@pytest.mark.parametrize("crit", [{}, {"crit": ["b64"]}])
def test_a_signature_made_as_the_vendor_describes_is_believed(crit):
    verify(by_hand({"alg": "RS256", "kid": KID, "b64": False, **crit}))


def test_header_names_may_come_in_any_case():
    verify({name.upper(): value for name, value in signed().items()})


@pytest.mark.parametrize("crit", [{}, {"crit": ["b64"]}])
def test_a_signature_of_another_key_is_refused(crit):
    header = {"alg": "RS256", "kid": KID, "b64": False, **crit}
    with pytest.raises(SignatureRefused, match="does not fit"):
        verify(by_hand(header, key=OTHER))


def test_another_body_is_refused():
    with pytest.raises(SignatureRefused, match="does not fit"):
        verify(signed(), body=BODY + b" ")


@pytest.mark.parametrize(
    "name", ["x-8x8-event-id", "x-8x8-customer-id", "x-8x8-retry", "x-8x8-transmission-time"]
)
def test_a_changed_header_is_refused(name):
    changed = {"x-8x8-retry": "1", "x-8x8-transmission-time": str(NOW_MS + 1)}.get(name, "other")
    with pytest.raises(SignatureRefused, match="does not fit"):
        verify({**signed(), name: changed})


@pytest.mark.parametrize("name", sorted(signed()))
@pytest.mark.parametrize("blank", [True, False])
def test_a_missing_header_is_refused(name, blank):
    headers = signed()
    headers[name] = ""
    if not blank:
        del headers[name]
    with pytest.raises(SignatureRefused, match=name):
        verify(headers)


def test_an_event_for_another_tenant_is_refused_even_if_signed():
    with pytest.raises(SignatureRefused, match="tenant"):
        verify(signed(tenant="other"))


def test_without_a_tenant_id_any_tenant_of_the_key_is_believed():
    verify(signed(tenant="other"), tenant=None)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_event_of_another_time_is_refused(seconds):
    with pytest.raises(SignatureRefused, match="301 s"):
        verify(signed(at_ms=NOW_MS + seconds * 1000))


@pytest.mark.parametrize("seconds", [-299, 299])
def test_an_event_of_about_now_is_believed(seconds):
    verify(signed(at_ms=NOW_MS + seconds * 1000))


def test_age_is_counted_in_wall_time():
    verify(signed(at_ms=NOW_MS - 50_000_000), speed=300)


@pytest.mark.parametrize("number", ["soon", "1.5", "9" * 30, "", "²"])
def test_a_time_or_retry_that_is_no_number_is_refused(number):
    for name in ("x-8x8-transmission-time", "x-8x8-retry"):
        with pytest.raises(SignatureRefused):
            verify({**signed(), name: number})


def token(header, signature=b"x" * 256, middle=b""):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (b64(header) + b"." + middle + b"." + b64(signature)).decode()


PLAIN = {"alg": "RS256", "kid": KID, "b64": False}


@pytest.mark.parametrize(
    "odd",
    [
        "x",
        "a.b",
        "..",
        "a..b..c",
        "ä..ö",
        token(PLAIN, middle=b"eyJ4IjoxfQ"),
        token(b"not json"),
        token([1]),
        token({**PLAIN, "alg": "none"}),
        token({**PLAIN, "alg": "HS256"}),
        token({**PLAIN, "alg": "RS512"}),
        token({**PLAIN, "alg": "PS256"}),
        token({**PLAIN, "alg": None}),
        token({**PLAIN, "b64": True}),
        token({"alg": "RS256", "kid": KID}),
        token({**PLAIN, "crit": ["b64", "exp"]}),
        token({**PLAIN, "crit": []}),
        token({**PLAIN, "kid": "../../channels"}),
        token({**PLAIN, "kid": None}),
        token({**PLAIN, "kid": ["a"]}),
        token(PLAIN, signature=b""),
        token(PLAIN),
        token({**PLAIN, "crit": ["b64"]}),
        token(b'{"a":' * 10_000),
    ],
)
def test_an_odd_signature_is_refused(odd):
    with pytest.raises(SignatureRefused):
        verify({**signed(), "x-8x8-signature": odd})


@pytest.mark.parametrize("crit", [{}, {"crit": ["b64"]}])
def test_the_public_key_cannot_pass_for_a_shared_secret(crit):
    header = {"alg": "HS256", "kid": KID, "b64": False, **crit}
    start = b64(json.dumps(header).encode())
    forged = hmac.digest(KEY.as_pem(private=False), start + b"." + b"{}", "sha256")
    with pytest.raises(SignatureRefused, match="RS256"):
        verify({**signed(), "x-8x8-signature": token(header, forged)})


WEAK = rsa.generate_private_key(65537, 1024)


def number(value):
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "RSA"},
        {"kty": "RSA", "n": "!!", "e": "AQAB"},
        {"kty": "RSA", "n": 5, "e": "AQAB"},
        {**KEY.as_dict(private=False), "alg": "RS512"},
        {"kty": "RSA", "n": number(WEAK.public_key().public_numbers().n), "e": "AQAB"},
        ECKey.generate_key("P-256").as_dict(private=False),
        {"kty": "oct", "k": "AAAA"},
    ],
)
def test_a_key_that_is_no_strong_rsa_key_is_refused(jwk):
    with pytest.raises(SignatureRefused):
        verify(signed(), jwks={KID: jwk})


def test_an_unknown_key_is_refused():
    with pytest.raises(SignatureRefused, match="could not be fetched"):
        verify(signed(kid="another"))


def test_while_8x8_cannot_be_asked_for_the_key_nothing_is_believed():
    async def unreachable(kid):
        raise AnswerLost("no answer")

    check = SignatureCheck(unreachable, tenant_id="acme01", clock=clock())
    with pytest.raises(SignatureRefused, match="no answer"):
        asyncio.run(check.verify(BODY, signed()))


def test_a_key_is_fetched_once_however_many_events_wait_for_it():
    fetched = []

    async def hundred():
        check = checking(fetched=fetched)
        await asyncio.gather(*(check.verify(BODY, signed()) for _ in range(100)))

    asyncio.run(hundred())
    assert fetched == [KID]


def test_forged_key_ids_do_not_make_us_ask_8x8_without_end():
    fetched = []

    async def flood():
        check = checking(fetched=fetched)
        await check.verify(BODY, signed())
        for forged in range(50):
            with pytest.raises(SignatureRefused):
                await check.verify(BODY, signed(kid=f"forged-{forged}"))
        await check.verify(BODY, signed())

    asyncio.run(flood())
    assert len(fetched) == keys.FETCHES


def test_a_key_replaced_under_the_same_id_is_fetched_again_after_a_while(monkeypatch):
    jwks, fetched = {KID: KEY.as_dict(private=False)}, []

    async def replaced():
        check = checking(jwks=jwks, fetched=fetched)
        await check.verify(BODY, signed())
        jwks[KID] = OTHER.as_dict(private=False)
        with pytest.raises(SignatureRefused):
            await check.verify(BODY, signed(key=OTHER))
        later = time.monotonic() + keys.RENEW_AFTER_S
        monkeypatch.setattr(keys.time, "monotonic", lambda: later)
        await asyncio.gather(*(check.verify(BODY, signed(key=OTHER)) for _ in range(5)))
        with pytest.raises(SignatureRefused):
            await check.verify(BODY, signed())

    asyncio.run(replaced())
    assert fetched == [KID, KID]


def test_verifying_takes_a_moment_only():
    headers = signed()

    async def many():
        check = checking()
        await check.verify(BODY, headers)
        start = time.perf_counter()
        for _ in range(200):
            await check.verify(BODY, headers)
        return (time.perf_counter() - start) / 200

    assert asyncio.run(many()) < 0.005


def test_a_clock_that_runs_fast_signs_and_checks_in_its_own_time():
    fast = Clock.at_speed(300, NOW - timedelta(days=20))
    at_ms = int(fast.seconds_since(datetime(1970, 1, 1)) * 1000)

    async def fetch(kid):
        return KEY.as_dict(private=False)

    check = SignatureCheck(fetch, tenant_id="acme01", clock=fast)
    asyncio.run(check.verify(BODY, signed(at_ms=at_ms)))
