"""How sends reach Twilio: over connections that are kept, and by the environment's proxy where there is one."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from service.follow_ups import SIDE_BY_SIDE
from service.gateway import Gateway, SendFailed
from service.policy.conversation import MessageSid, PhoneNumber
from tests.builders import ACCOUNT, TOKEN

NOBODY = PhoneNumber("+15005550009")


class Twilio(ThreadingHTTPServer):
    """Answers once as many ask at the same time as may."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, at_once: int) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.together = threading.Barrier(at_once, timeout=20)
        self.connections = 0

    def process_request(self, request: object, client_address: object) -> None:
        self.connections += 1
        super().process_request(request, client_address)  # type: ignore[arg-type]


class Taking(BaseHTTPRequestHandler):
    server: Twilio
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.together.wait()
        body = json.dumps({"sid": "SM" + "0" * 32}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    with Twilio(SIDE_BY_SIDE) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def a_gateway(api_url: str | None) -> Gateway:
    return Gateway(ACCOUNT, TOKEN, sender="+15005550006", api_url=api_url, patience=20)


def send(gateway: Gateway) -> MessageSid:
    return gateway.send(NOBODY, "hi", status_url="https://line.example.org", validity=timedelta(hours=1))


def test_as_many_texts_as_go_out_at_once_go_over_connections_that_are_kept(twilio: Twilio) -> None:
    gateway = a_gateway(f"http://127.0.0.1:{twilio.server_port}")

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        for _ in range(3):
            list(threads.map(send, [gateway] * SIDE_BY_SIDE))

    assert twilio.connections == SIDE_BY_SIDE


def test_a_text_to_a_stand_in_goes_by_no_proxy(twilio: Twilio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    twilio.together = threading.Barrier(1)

    assert send(a_gateway(f"http://127.0.0.1:{twilio.server_port}"))


def test_a_text_to_twilio_goes_by_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy, ThreadPoolExecutor(1) as thread:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        sent = thread.submit(send, a_gateway(None))
        proxy.settimeout(10)
        asked, _ = proxy.accept()
        with asked:
            assert asked.recv(100).startswith(b"CONNECT api.twilio.com:443 ")
            asked.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        with pytest.raises(SendFailed):
            sent.result(10)
