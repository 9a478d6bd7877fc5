"""Twilio's API as the worker sees it, answering each send after 50 ms, in a process of its own. Sends nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid

from benchmarks.servers import Server, free_port
from service.settings import CHECKOUT

DELAY = 0.05


def stand_in() -> Server:
    port = free_port()
    log = CHECKOUT / "var" / "benchmarks" / "stand_in.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.stand_in", str(port)]
    return Server("the stand-in", command, {}, port, log)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
            await reader.readexactly(int(fields.get(b"content-length", 0)))
            await asyncio.sleep(DELAY if head.startswith(b"POST") else 0)
            taken = {"sid": f"SM{uuid.uuid4().hex}", "status": "queued", "messages": []}
            body = json.dumps(taken).encode()
            status = b"201 Created" if head.startswith(b"POST") else b"200 OK"
            writer.write(b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n" % status)
            writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _main(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port, backlog=256)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(_main(int(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(0)
