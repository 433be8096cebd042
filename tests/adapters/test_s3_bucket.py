"""What a store does wrong, and how it is said: always ``Unavailable``, soon, and with nothing half done."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore import exceptions

from comity.adapters.blob_box import BlobBox
from comity.adapters.s3_blobs import S3Blobs
from comity.adapters.s3_bucket import TRIES, Reading, S3Bucket, explain
from comity.adapters.s3_place import parse_place
from comity.adapters.s3_public import S3Public
from comity.errors import Unavailable
from tests.cli.running import free_port
from tests.object_store import CREDENTIALS, Store, bucket_of, use_credentials

Act = Callable[[S3Bucket], object]
ACTS: dict[str, Act] = {
    "has": lambda bucket: S3Blobs(bucket, bytes(32)).has("0" * 64),
    "put": lambda bucket: S3Blobs(bucket, bytes(32)).put(b"x"),
    "put_stream": lambda bucket: S3Blobs(bucket, bytes(32)).put_stream([b"x"]),
    "open_stream": lambda bucket: S3Blobs(bucket, bytes(32)).open_stream("0" * 64),
    "read": lambda bucket: S3Public(bucket).read("checkpoint"),
    "write a tile": lambda bucket: S3Public(bucket).write("tile/0/000", b"x"),
    "write the checkpoint": lambda bucket: S3Public(bucket).write("checkpoint", b"x"),
}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    use_credentials(monkeypatch)
    # Between tries boto3 waits up to some seconds, by chance.
    monkeypatch.setattr("random.random", lambda: 0.0)


class Answering(ThreadingHTTPServer):
    """A store that gives everyone one answer."""

    daemon_threads = True
    asked = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that leave early are what these tests are about."""


@contextmanager
def answering(
    reply: Callable[[BaseHTTPRequestHandler], None], timeout: float = 20.0
) -> Iterator[tuple[S3Bucket, Answering]]:
    """``timeout`` is short only where the store is silent: a busy machine answers late too."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            server.asked += 1
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.close_connection = True
            reply(self)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    server = Answering(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        place = parse_place("evidence/node", f"http://127.0.0.1:{server.server_address[1]}")
        yield S3Bucket(place, timeout=timeout), server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def says(status: int, name: str, message: str = "no") -> Callable[[BaseHTTPRequestHandler], None]:
    body = f"<?xml version='1.0'?><Error><Code>{name}</Code><Message>{message}</Message></Error>".encode()

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return reply


ANSWERS = {
    "wrong bucket": (404, "NoSuchBucket", "s3.bucket", 1),
    "denied": (403, "AccessDenied", "s3.denied", 1),
    "denied in other words": (403, "AllAccessDisabled", "s3.denied", 1),
    "unknown credentials": (403, "InvalidAccessKeyId", "s3.credentials", 1),
    "wrong secret": (403, "SignatureDoesNotMatch", "s3.credentials", 1),
    "wrong clock": (403, "RequestTimeTooSkewed", "s3.clock", 1),
    "no conditional requests": (501, "NotImplemented", "s3.unsupported", 1),
    "internal error": (500, "InternalError", "s3.failed", TRIES),
    "bad gateway": (502, "", "s3.failed", TRIES),
    "busy": (503, "SlowDown", "s3.busy", TRIES),
    "full": (507, "XMinioStorageFull", "s3.full", 1),
    "something else": (400, "Odd", "s3.refused", 1),
}


PAIRS = {(act, "internal error") for act in ACTS}
PAIRS |= {(act, answer) for act in ("put", "write the checkpoint") for answer in ANSWERS}


@pytest.mark.parametrize(("act", "answer"), sorted(PAIRS))
def test_a_store_that_declines(act: str, answer: str) -> None:
    status, name, code, asked = ANSWERS[answer]
    with answering(says(status, name)) as (bucket, server):
        with pytest.raises(Unavailable) as caught:
            ACTS[act](bucket)
        assert caught.value.code == code
        assert caught.value.where.startswith("s3://evidence/node/")
        assert server.asked <= asked  # no retry where it cannot help, and three tries at most


def test_a_store_that_answers_late_is_heard_once() -> None:
    def answer_late(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.6)
        says(404, "NoSuchBucket")(handler)

    with answering(answer_late) as (bucket, server), pytest.raises(Unavailable) as caught:
        ACTS["write the checkpoint"](bucket)
    assert (caught.value.code, server.asked) == ("s3.bucket", 1)


@pytest.mark.parametrize("act", sorted(ACTS))
def test_a_store_that_never_answers(act: str) -> None:
    begun = time.monotonic()
    with answering(lambda handler: time.sleep(1), 0.4) as (bucket, _), pytest.raises(Unavailable) as caught:
        ACTS[act](bucket)
    assert caught.value.code == "s3.timeout"
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("act", sorted(ACTS))
def test_a_store_that_hangs_up(act: str) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.shutdown(socket.SHUT_RDWR)

    with answering(hang_up) as (bucket, _), pytest.raises(Unavailable) as caught:
        ACTS[act](bucket)
    assert caught.value.code == "s3.unreachable"


def test_nobody_listens() -> None:
    bucket = S3Bucket(parse_place("evidence", f"http://127.0.0.1:{free_port()}"), timeout=0.5)
    with pytest.raises(Unavailable) as caught:
        bucket.has("x")
    assert caught.value.code == "s3.unreachable"


def test_the_other_side_speaks_no_tls() -> None:
    with answering(says(200, "")) as (plain, _):
        place = parse_place("evidence", plain.place.endpoint.replace("http:", "https:"))
        with pytest.raises(Unavailable) as caught:
            S3Bucket(place, timeout=0.5).has("x")
    assert caught.value.code in ("s3.tls", "s3.unreachable")


def test_words_of_a_store_are_made_fit_for_a_terminal() -> None:
    odd = says(400, "Odd", "a\nb" + "x" * 500)
    with answering(odd) as (bucket, _), pytest.raises(Unavailable) as caught:
        bucket.has("x")
    assert caught.value.why.isprintable()
    assert len(caught.value.why) < 300


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    place = store.make()
    use_credentials(monkeypatch, {k: v for k, v in CREDENTIALS.items() if "_KEY" not in k})
    for act in ACTS.values():
        with pytest.raises(Unavailable) as caught:
            act(bucket_of(place))
        assert caught.value.code == "s3.credentials"
    assert store.names(place) == []


def test_half_of_the_credentials_and_a_profile_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    place = store.make()
    half = {k: v for k, v in CREDENTIALS.items() if "SECRET" not in k}
    for given in (half, CREDENTIALS | {"AWS_PROFILE": "nobody"}):
        use_credentials(monkeypatch, given)
        with pytest.raises(Unavailable) as caught:
            bucket_of(place).has("x")
        assert caught.value.code == "s3.credentials"


def test_a_bucket_that_is_not_there(store: Store) -> None:
    place = parse_place("comity-nobody-made-this", store.endpoint)
    for name, act in ACTS.items():
        with pytest.raises(Unavailable) as caught:
            act(bucket_of(place))
        assert caught.value.code == "s3.bucket", name


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (exceptions.SSLError(endpoint_url="https://x", error="bad"), "s3.tls"),
        (exceptions.NoRegionError(), "s3.region"),
        (exceptions.ClientError({"Error": {"Code": "PermanentRedirect"}}, "GetObject"), "s3.region"),
        (exceptions.ClientError({"Error": {"Code": "BadDigest"}}, "PutObject"), "s3.changed"),
        (exceptions.ParamValidationError(report="x"), "s3.error"),
    ],
)
def test_what_is_hard_to_provoke(error: Exception, code: str) -> None:
    assert explain(error, "s3://evidence/x").code == code


def sealed(size: int) -> bytes:
    return b"".join(BlobBox(bytes(32)).seal([bytes(size)], lambda data: None))


class Breaking:
    """Serves an object, and stops after ``each`` bytes of every answer."""

    def __init__(self, data: bytes, each: int, *, changed: bool = False) -> None:
        self.data, self.each, self.changed = data, each, changed
        self.ranges: list[str] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range", "bytes=0-")
        self.ranges.append(wanted)
        if self.changed and handler.headers.get("If-Match"):
            says(412, "PreconditionFailed")(handler)
            return
        start = int(wanted.removeprefix("bytes=").partition("-")[0])
        rest = self.data[start:]
        handler.send_response(206 if start else 200)
        handler.send_header("ETag", '"one"')
        handler.send_header("Content-Length", str(len(rest)))
        handler.end_headers()
        handler.wfile.write(rest[: self.each])
        handler.wfile.flush()


def test_a_connection_that_breaks_is_taken_up_where_it_broke() -> None:
    data = sealed(700_000)
    serve = Breaking(data, 300_000)
    with answering(serve) as (bucket, _):
        assert Reading(bucket, "x").read_all() == data
    assert serve.ranges == ["bytes=0-", "bytes=300000-", "bytes=600000-"]


def test_an_object_that_changed_between_is_not_mixed() -> None:
    changed = Breaking(bytes(1000), 400, changed=True)
    with answering(changed) as (bucket, _), pytest.raises(Unavailable) as caught:
        Reading(bucket, "x").read_all()
    assert caught.value.code == "s3.taken"


def test_a_store_that_stops_for_good() -> None:
    with answering(Breaking(bytes(1000), 0)) as (bucket, server):
        with pytest.raises(Unavailable) as caught:
            Reading(bucket, "x").read_all()
        assert server.asked == TRIES
    assert caught.value.code == "s3.cut"


def test_bytes_that_come_drop_by_drop() -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("ETag", '"one"')
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(600):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    with answering(drip, 0.4) as (bucket, _), pytest.raises(Unavailable) as caught:
        Reading(bucket, "x").read_all()
    assert caught.value.code == "s3.slow"


def test_an_address_in_the_environment_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "nowhere")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(Unavailable) as caught:
        S3Bucket(parse_place("evidence"), timeout=0.5).has("x")
    assert caught.value.code.startswith("s3.")
