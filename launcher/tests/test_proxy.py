"""The proxy of compose.yaml: a real nginx with deploy/nginx.conf before a small server."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from launcher.places import ROOT
from launcher.ports import LOOPBACK, find_free
from launcher.processes import Child, Program
from launcher.waiting import Patience

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx (.ci/run installs it)")

BODY_SECONDS = 1
STREAM = "/api/arm/v1/changes"
HALF = (
    b"POST /api/security/v1/login HTTP/1.1\r\nHost: crm.example.org\r\n"
    b'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"login"'
)


class Upstream(ThreadingHTTPServer):
    """Stands where the application stands, and remembers what reached it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), Answering)
        self.reached: list[tuple[str, dict[str, str], bytes]] = []
        self.stream_ends = threading.Event()


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = {name.lower(): value for name, value in self.headers.items()}
        self.server.reached.append((self.path, told, body))
        self.send_response(200)
        if self.path == STREAM:
            self._stream()
            return
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_GET  # noqa: N815 - the base class calls it so

    def _stream(self) -> None:
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        self.server.stream_ends.wait(10)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


Start = Callable[..., int]


@pytest.fixture
def proxy(upstream: Upstream, tmp_path: Path) -> Iterator[Start]:
    """Starts nginx with the file as it is, but for ports, folders and the wait for a body."""
    children: list[Child] = []

    def start(tls_port: int = 0) -> int:
        port = find_free()
        file = tmp_path / "nginx.conf"
        file.write_text(adapted(port, upstream.server_port, tmp_path))
        if tls_port:
            make_certificate(tmp_path / "tls", tls_port)
        assert NGINX is not None
        subprocess.run([NGINX, "-t", "-c", str(file)], check=True, capture_output=True)
        program = Program(
            name="nginx",
            argv=(NGINX, "-c", str(file)),
            log=tmp_path / "nginx.log",
            is_ready=lambda _child: socket.socket().connect_ex((LOOPBACK, port)) == 0,
        )
        children.append(Child(program))
        assert Patience().until(children[-1].is_ready, 10), children[-1].output()
        return port

    yield start
    for child in children:
        child.end()


def adapted(port: int, upstream: int, folder: Path) -> str:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for before, after in {
        " /tmp/": f" {folder}/",  # first: the others bring paths of this machine
        "listen 8080 default_server;": f"listen {LOOPBACK}:{port} default_server;",
        "set $web web:8000;": f"set $web {LOOPBACK}:{upstream};",
        "/etc/nginx/tls/": f"{folder}/tls/",
        "client_body_timeout 10s;": f"client_body_timeout {BODY_SECONDS}s;",
    }.items():
        assert before in text
        text = text.replace(before, after)
    return f"user root;\n{text}" if os.geteuid() == 0 else text


def make_certificate(folder: Path, port: int) -> None:
    """What deploy/tls/README.md says, with a certificate of our own."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "site.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "site.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    guide = (ROOT / "deploy" / "tls" / "README.md").read_text()
    told = re.search(r"```\n(.*?)```", guide, re.DOTALL)
    assert told
    text = told[1].replace("/etc/nginx/tls", str(folder))
    (folder / "site.conf").write_text(text.replace("listen 8443", f"listen {LOOPBACK}:{port}"))


def ask(port: int, path: str = "/arm/", **headers: str) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    connection.request("GET", path, headers={"Host": "crm.example.org", **headers})
    return connection.getresponse().status


def test_half_sent_requests_never_reach_the_application_and_end(
    proxy: Start, upstream: Upstream
) -> None:
    port = proxy()
    clients = [socket.create_connection((LOOPBACK, port), timeout=10) for _ in range(100)]
    for client in clients:
        client.sendall(HALF)

    assert ask(port) == 200
    assert [path for path, _, _ in upstream.reached] == ["/arm/"]
    for client in clients:  # each waits for the end of its time, when the connection is reset
        with pytest.raises(ConnectionResetError):
            client.recv(100)
    assert [path for path, _, _ in upstream.reached] == ["/arm/"]


def test_a_slow_body_reaches_the_application_whole(proxy: Start, upstream: Upstream) -> None:
    port = proxy()
    with socket.create_connection((LOOPBACK, port), timeout=10) as client:
        client.sendall(HALF.replace(b"1000", b"16"))
        time.sleep(BODY_SECONDS / 2)
        assert upstream.reached == []
        client.sendall(b': "ann"}')
        assert client.recv(100).startswith(b"HTTP/1.1 200")

    assert [body for _, _, body in upstream.reached] == [b'{"login": "ann"}']


def test_an_event_of_a_stream_arrives_while_the_stream_is_open(
    proxy: Start, upstream: Upstream
) -> None:
    connection = http.client.HTTPConnection(LOOPBACK, proxy(), timeout=5)
    connection.request("GET", STREAM)

    first = connection.getresponse().read1(100)

    assert first == b"data: first\n\n"
    assert not upstream.stream_ends.is_set()
    upstream.stream_ends.set()


def test_the_application_is_told_who_asks_and_nobody_can_lie_about_it(
    proxy: Start, upstream: Upstream
) -> None:
    ask(
        proxy(),
        **{
            "X-Forwarded-For": "6.6.6.6",
            "X_Forwarded_For": "7.7.7.7",
            "X-Forwarded-Proto": "https",
            "X_Forwarded_Proto": "https",
            "X-Forwarded-Host": "evil.example.org",
            "Forwarded": "for=8.8.8.8",
        },
    )

    _, told, _ = upstream.reached[0]
    assert told["x-forwarded-for"] == f"6.6.6.6, {LOOPBACK}"  # the last is ours: TRUSTED_PROXIES=1
    assert told["x-forwarded-proto"] == "http"
    assert told["host"] == "crm.example.org"
    assert not {"x_forwarded_for", "x_forwarded_proto", "x-forwarded-host", "forwarded"} & set(told)


def test_https_ends_at_the_proxy(proxy: Start, upstream: Upstream) -> None:
    port = find_free()
    proxy(tls_port=port)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE

    connection = http.client.HTTPSConnection(LOOPBACK, port, timeout=5, context=trusting)
    connection.request("GET", "/arm/")

    assert connection.getresponse().status == 200
    assert upstream.reached[0][1]["x-forwarded-proto"] == "https"


def test_metrics_are_not_reached_from_outside_and_a_giant_body_is_refused(
    proxy: Start, upstream: Upstream
) -> None:
    port = proxy()
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    connection.request("POST", "/arm/", headers={"Content-Length": str(100_000_000)})

    assert ask(port, "/metrics") == 404
    assert connection.getresponse().status == 413
    assert upstream.reached == []


def test_nothing_of_a_request_is_logged(proxy: Start, tmp_path: Path) -> None:
    port = proxy()

    ask(port, "/admin/?q=79131234567")
    ask(port, "/%zz?q=79131234567")

    assert "7913" not in (tmp_path / "nginx.log").read_text()
