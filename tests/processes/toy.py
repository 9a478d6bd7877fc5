"""Stands in for a process of the Procfile: `toy.py web` answers on PORT, `toy.py stubborn` does not end when asked."""

import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"ready": True, "pid": os.getpid()}).encode())

    def log_message(self, *_args: object) -> None:
        pass


if __name__ == "__main__":
    if sys.argv[1] == "web":
        ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
    if sys.argv[1] == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(120)
