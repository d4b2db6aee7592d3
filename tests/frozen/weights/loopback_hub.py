"""A model hub on loopback: as far as fetching files goes, and its ways to fail."""

import hashlib
import http.server
import socket
import struct
import threading
from contextlib import contextmanager

from zslib.frozen.weights import File, WeightsCard

REPOSITORY, REVISION = "somebody/toy-weights", "0123456789abcdef0123456789abcdef01234567"


class Hub(http.server.ThreadingHTTPServer):
    """Serves `files`, path to bytes, at the one revision; `requests` holds what was asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, str | None]] = []
        self.redirect = False  # to another address, as the real hub does for large files
        self.break_after: dict[str, list[int]] = {}  # bytes of each next answer before it breaks off
        self.reset = False  # whether it breaks off with a reset rather than an end

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def gets(self) -> list[tuple[str, str | None]]:
        """File name and range of every download."""
        return [(path.rpartition("/")[2], span) for method, path, span in self.requests if method == "GET"]

    def handle_error(self, request, client_address):
        pass


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def refuse(self, code, error):
        self.send_response(code)
        self.send_header("X-Error-Code", error)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self):
        hub = self.server
        hub.requests.append((self.command, self.path, self.headers["Range"]))
        resolve = f"/{REPOSITORY}/resolve/{REVISION}/"
        if not self.path.startswith((resolve, "/elsewhere/")):
            return self.refuse(404, "RevisionNotFound" if REPOSITORY in self.path else "RepoNotFound")
        name = self.path.removeprefix(resolve).removeprefix("/elsewhere/")
        if name not in hub.files:
            return self.refuse(404, "EntryNotFound")
        content = hub.files[name]
        etag = hashlib.sha256(content).hexdigest()
        if hub.redirect and self.path.startswith(resolve):
            self.send_response(302)
            self.send_header("Location", f"{hub.endpoint}/elsewhere/{name}")
            self.send_header("X-Repo-Commit", REVISION)
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("X-Linked-Etag", f'"{etag}"')
            self.send_header("Content-Length", "0")
            return self.end_headers()
        start = int((self.headers["Range"] or "bytes=0-").removeprefix("bytes=").split("-")[0])
        if start >= len(content):
            return self.refuse(416, "")
        self.send_response(206 if self.headers["Range"] else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("ETag", f'"{etag}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        if self.command == "HEAD":
            return None
        breaks = hub.break_after.get(name)
        if not breaks:
            return self.wfile.write(content[start:])
        self.wfile.write(content[start : start + breaks.pop(0)])
        self.wfile.flush()
        self.close_connection = True
        if hub.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        return None


@contextmanager
def serve():
    """A hub that runs until the end of the block."""
    hub = Hub()
    threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()


def toy_card(name: str, files: dict[str, bytes], *, unhashed: tuple[str, ...] = (), **changes) -> WeightsCard:
    """A card for these files, role and path to bytes; those in `unhashed` have neither size nor hash."""
    listed = tuple(
        File(role, path)
        if role in unhashed
        else File(role, path, len(content), hashlib.sha256(content).hexdigest())
        for (role, path), content in files.items()
    )
    told = dict.fromkeys(("title", "summary", "publisher", "origin", "license"), "a toy")
    told |= dict.fromkeys(("corpus", "cut_off", "citation", "doi"), "a toy")
    told |= {"homepage": "https://example.org", "repository": REPOSITORY, "revision": REVISION}
    return WeightsCard(**{"name": name, "network": "geneformer", "files": listed, **told, **changes})
