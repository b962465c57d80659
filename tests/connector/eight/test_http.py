"""Faults of the network, with real sockets: was the request sent, or was the answer lost?"""

import asyncio
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connector.eight import Repeating
from connector.errors import AnswerLost, NotSent, Refused, SettingsError
from tests.connector.eight.answering import answer, at, raw_server, read_request

CREATED = {"conversationId": "c1"}
CHANNELS = {"_embedded": {"channels": []}}


def create(eight):
    return eight.create_conversation(channel_id="1", user={}, history=[], queue_id=None)


def outcome_of(serve, call=create, **limits):
    """The result or error of one call against a server that behaves as `serve` does."""

    async def calling():
        async with raw_server(serve) as port, at(port, **limits) as eight:
            try:
                return await call(eight)
            except (NotSent, AnswerLost, Refused) as error:
                return error

    return asyncio.run(calling())


def test_nobody_listening_means_not_sent():
    async def calling():
        async with raw_server(None) as port:
            pass
        async with at(port) as eight:
            await create(eight)

    with pytest.raises(NotSent, match="could not be reached"):
        asyncio.run(calling())


def test_a_host_without_an_address_means_not_sent():
    async def calling(host):
        async with at(443, scheme="https", host=host) as eight:
            await create(eight)

    for host in ("nowhere.invalid", "a" * 70 + ".example"):
        with pytest.raises(NotSent):
            asyncio.run(calling(host))


@pytest.mark.parametrize("host", ["", "[::1", "a:b", "ü..de", "x\x00y", "127.0.0.1:99999/"])
def test_an_address_that_is_none_is_a_setting_to_mend(host):
    with pytest.raises(SettingsError, match="Tenant URL"):
        at(443, host=host)


def test_a_server_that_takes_no_connection_in_time_means_not_sent():
    async def calling():
        # 192.0.2.0/24 is for documentation: nothing answers there.
        async with at(9, host="192.0.2.1", connect=0.05) as eight:
            await create(eight)

    with pytest.raises(NotSent):
        asyncio.run(calling())


def test_a_port_that_speaks_no_tls_means_not_sent():
    async def serve(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async def calling():
        async with raw_server(serve) as port, at(port, scheme="https") as eight:
            await create(eight)

    with pytest.raises(NotSent):
        asyncio.run(calling())


def test_a_certificate_nobody_trusts_means_not_sent(tmp_path):
    seen = []

    async def serve(reader, writer):
        seen.append(await read_request(reader))

    async def calling():
        context = _self_signed(tmp_path)
        async with raw_server(serve, ssl=context) as port, at(port, scheme="https") as eight:
            await create(eight)

    with pytest.raises(NotSent, match="certificate"):
        asyncio.run(calling())
    assert seen == []


def test_a_connection_dropped_after_the_request_is_a_lost_answer():
    async def serve(reader, writer):
        await read_request(reader)

    assert isinstance(outcome_of(serve), AnswerLost)


def test_a_connection_reset_is_a_lost_answer():
    async def serve(reader, writer):
        await reader.readexactly(1)
        writer.transport.abort()

    assert isinstance(outcome_of(serve), AnswerLost)


def test_an_answer_that_does_not_come_in_time_is_lost():
    async def serve(reader, writer):
        await read_request(reader)
        await asyncio.sleep(5)

    start = time.monotonic()
    assert isinstance(outcome_of(serve, read=0.1), AnswerLost)
    assert time.monotonic() - start < 2


def test_an_answer_that_trickles_is_given_up():
    async def serve(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(200):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    start = time.monotonic()
    assert isinstance(outcome_of(serve, read=1.0, whole=0.3), AnswerLost)
    assert time.monotonic() - start < 2


def test_an_answer_cut_in_the_middle_is_lost():
    async def serve(reader, writer):
        await read_request(reader)
        writer.write(answer(CREATED).replace(b"Content-Length: 24", b"Content-Length: 99")[:-3])
        await writer.drain()

    assert isinstance(outcome_of(serve), AnswerLost)


@pytest.mark.parametrize(
    "garbage", [b"\x00\x01\x02\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"]
)
def test_an_answer_that_is_no_http_is_lost(garbage):
    async def serve(reader, writer):
        await read_request(reader)
        writer.write(garbage)
        await writer.drain()

    assert isinstance(outcome_of(serve), AnswerLost)


def test_an_answer_that_cannot_be_unpacked_is_lost():
    async def serve(reader, writer):
        await read_request(reader)
        writer.write(answer(b"not gzip", "202 Accepted", "Content-Encoding: gzip"))
        await writer.drain()

    assert isinstance(outcome_of(serve), AnswerLost)


def test_a_redirect_is_not_followed():
    async def serve(reader, writer):
        await read_request(reader)
        writer.write(answer(b"", "302 Found", "Location: http://127.0.0.1:1/"))
        await writer.drain()

    assert outcome_of(serve).status == 302


def test_a_connection_the_server_closed_while_idle_is_not_used_again():
    async def serve(reader, writer):
        await read_request(reader)
        writer.write(answer(CREATED, "202 Accepted"))
        await writer.drain()

    async def twice(eight):
        await create(eight)
        await asyncio.sleep(0.05)
        return await create(eight)

    assert outcome_of(serve, twice) == "c1"


def test_a_create_on_a_connection_that_closes_under_it_is_lost_and_sent_once():
    requests = []

    async def serve(reader, writer):
        requests.append(await read_request(reader))
        writer.write(answer(CREATED, "202 Accepted"))
        await writer.drain()
        requests.append(await read_request(reader))

    async def twice():
        async with raw_server(serve) as port, at(port, repeating=Repeating()) as eight:
            await create(eight)
            await create(eight)

    with pytest.raises(AnswerLost):
        asyncio.run(twice())
    assert len(requests) == 2


def test_a_hundred_calls_share_ten_connections():
    open_now, most, served = set(), 0, 0

    async def serve(reader, writer):
        nonlocal most, served
        open_now.add(writer)
        most = max(most, len(open_now))
        try:
            while True:
                await read_request(reader)
                await asyncio.sleep(0.005)
                served += 1
                writer.write(answer(CREATED, "202 Accepted"))
                await writer.drain()
        finally:
            open_now.discard(writer)

    async def hundred(eight):
        return await asyncio.gather(*(create(eight) for _ in range(100)))

    assert outcome_of(serve, hundred) == ["c1"] * 100
    assert (most, served) == (10, 100)


def test_a_call_that_finds_no_free_connection_in_time_was_not_sent():
    async def serve(reader, writer):
        await read_request(reader)
        await asyncio.sleep(5)

    async def eleven(eight):
        waiting = [asyncio.create_task(create(eight)) for _ in range(10)]
        await asyncio.sleep(0.05)
        try:
            await create(eight)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    assert "were busy" in str(outcome_of(serve, eleven, pool=0.05))


def test_a_cancelled_call_gives_its_connection_back():
    async def serve(reader, writer):
        await read_request(reader)
        await asyncio.sleep(5)

    async def cancelled(eight):
        for _ in range(12):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(create(eight), 0.02)
        return "free"

    assert outcome_of(serve, cancelled, pool=0.2) == "free"


def test_other_errors_than_the_networks_are_not_swallowed():
    async def calling():
        async with at(1) as eight:
            await eight.create_conversation(
                channel_id="1", user={"x": object()}, history=[], queue_id=None
            )

    with pytest.raises(TypeError):
        asyncio.run(calling())


def test_only_one_module_of_the_client_knows_the_http_library():
    folder = Path(__file__).parents[3] / "connector" / "eight"
    users = [path.name for path in folder.glob("*.py") if "import httpx" in path.read_text()]
    assert users == ["http.py"]


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(
        certificate.public_bytes(encoding)
        + key.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem")
    return context
