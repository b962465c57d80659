"""An OpenID provider on loopback: discovery, authorize, token and keys."""

import base64
import threading
import time
from contextlib import contextmanager

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

CLIENT, SECRET = "handoff", "a secret of the client"


class Provider:
    """`claims` are of whoever logs in next; nobody is asked for a password."""

    def __init__(self, address):
        self.address, self.claims = address, {}
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self._nonces = {}

    def app(self):
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    async def _discovery(self, _):
        at = self.address
        return JSONResponse(
            {
                "issuer": at,
                "authorization_endpoint": f"{at}/authorize",
                "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _authorize(self, request):
        asked = request.query_params
        assert asked["client_id"] == CLIENT
        code = f"code{len(self._nonces)}"
        self._nonces[code] = asked.get("nonce")
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}", 302)

    async def _token(self, request):
        given = await request.form()
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {known}":
            assert given.get("client_secret") == SECRET
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": "4711", "iat": now, "exp": now + 600}
        claims |= {"nonce": self._nonces[given["code"]], **self.claims}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self._key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    async def _keys(self, _):
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})


@contextmanager
def provider(port):
    """A provider that runs on this port of loopback."""
    made = Provider(f"http://127.0.0.1:{port}")
    config = uvicorn.Config(made.app(), host="127.0.0.1", port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield made
    finally:
        server.should_exit = True
        thread.join()


def secrets(provider, dashboard):
    """The dashboard's secrets file that leads to this provider."""
    return f"""
[auth]
redirect_uri = "{dashboard}/oauth2callback"
cookie_secret = "a long random text of this test alone"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
