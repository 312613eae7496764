"""An OAuth server: it gives tokens out, takes them back, and tells a mail server whose they are.

with token_server() as server: server.url("token"), server.url("devicecode"), server.url("introspect")
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from bot.ids import new_id


@dataclass
class TokenServer:
    """`user`: whose tokens it gives. `agreed`: whether the person with the code has agreed. `rotates`: a refresh token
    is worth nothing once it was used. `answers`: what is said instead, (status, body), one each."""

    port: int = 0
    user: str = "ann"
    agreed: bool = True
    rotates: bool = False
    refresh: set[str] = field(default_factory=set)
    access: set[str] = field(default_factory=set)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def login(self) -> str:
        """A refresh token, as one that was given once."""
        token = f"refresh-{new_id().hex}"
        self.refresh.add(token)
        return token

    def revoke(self) -> None:
        """All that was ever given."""
        self.refresh.clear()
        self.access.clear()

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        self.forms.append(form)
        if self.answers:
            return self.answers.pop(0)
        if path == "/introspect":
            active = form.get("token") in self.access
            return _json(200, {"active": active, "username": self.user if active else "", "scope": "mail"})
        if path == "/devicecode":
            told = {"device_code": "d1", "user_code": "ABC-DEF", "verification_uri": "https://login.test/device"}
            return _json(200, told | {"interval": 0.01, "expires_in": 60})
        return self._token(form)

    def _token(self, form: dict[str, str]) -> tuple[int, bytes]:
        match form.get("grant_type"):
            case "refresh_token":
                return self._renewed(form["refresh_token"])
            case "urn:ietf:params:oauth:grant-type:device_code" if not self.agreed:
                return _json(400, {"error": "authorization_pending"})
            case _:
                return _json(200, self._given() | {"refresh_token": self.login()})

    def _renewed(self, refresh: str) -> tuple[int, bytes]:
        if refresh not in self.refresh:
            return _json(400, {"error": "invalid_grant", "error_description": f"{refresh} is not good"})
        if not self.rotates:
            return _json(200, self._given())
        self.refresh.remove(refresh)
        return _json(200, self._given() | {"refresh_token": self.login()})

    def _given(self) -> dict[str, Any]:
        token = f"access-{new_id().hex}"
        self.access.add(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": 3600}


@contextmanager
def token_server() -> Iterator[TokenServer]:
    ours = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            status, said = ours.answer(self.path, dict(parse_qsl(body)))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status == 302:
                self.send_header("Location", ours.url("elsewhere"))
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        ours.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield ours
        finally:
            server.shutdown()
            thread.join()


def query(address: str) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(address.partition("?")[2]).items()}


def _json(status: int, value: Mapping[str, Any]) -> tuple[int, bytes]:
    return status, json.dumps(value).encode()
