"""The project's own small Twilio, for machines without Java or npm: the same answers, faults and journal."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.faults.twilio import MAGIC, TAKEN, Answer, Request, error, message, page, request_of


class SmallTwilio:
    name = "the project's own small stand-in"

    def __init__(self, account: str) -> None:
        self.account = account
        self._answers: dict[str, Answer] = {}
        self._listed: dict[str, list[dict[str, object]]] = {}
        self._requests: list[Request] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.twilio = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="small-twilio", daemon=True).start()

    def answer(self, numbers: Collection[str], answer: Answer) -> None:
        self._answers = self._answers | dict.fromkeys(numbers, answer)

    def mend(self) -> None:
        self._answers = {}

    def requests(self) -> list[Request]:
        return list(self._requests)

    def show(self, number: str, messages: list[dict[str, object]]) -> None:
        self._listed[number] = messages

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def asked(self, body: str) -> tuple[Answer, Request]:
        """Notes the request when it comes, whatever becomes of its answer."""
        at, to = time.time(), parse_qs(body).get("To", [""])[0]
        answer = MAGIC.get(to) or self._answers.get(to, TAKEN)
        request = request_of(uuid.uuid4().hex, at, body, took=answer.takes, sid=f"SM{uuid.uuid4().hex}")
        self._requests.append(request)
        return answer, request

    def listing(self, number: str) -> dict[str, object]:
        return page(self.account, self._listed.get(number, []))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    twilio: SmallTwilio

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is nothing to speak of here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece: in two, the second waits 40 ms for an acknowledgement
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        answer, request = self.server.twilio.asked(body)
        time.sleep(answer.delay)
        if answer.breaks:
            self._break(answer.breaks)
        elif answer.status == 201:
            self._say(201, message(self.server.twilio.account, request.sid, request.form, datetime.now(UTC)))
        else:
            self._say(answer.status, error(answer), answer.headers)

    def do_GET(self) -> None:
        number = parse_qs(urlsplit(self.path).query).get("To", [""])[0]
        self._say(200, self.server.twilio.listing(number))

    def _say(self, status: int, document: dict[str, object], headers: object = None) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        for name, value in dict(headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _break(self, how: str) -> None:
        self.close_connection = True
        if how == "garbage":
            self.wfile.write(b"\x00\xffno http at all\r\n")
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, *_words: object) -> None:
        pass
