"""Another service is told of finished documents, signed, and again until it has heard."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from tests.fixtures import pdfs
from tests.indexer.jobs.test_worker import setup
from vdr.environment import read_settings
from vdr.errors import BadSetting
from vdr.types import DocumentState

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PATIENCE_S = 60


class Listener:
    """A server that notes what it is sent, and refuses the first `deaf` times."""

    def __init__(self, deaf=0):
        listener = self
        self.heard, self.refused, self.is_done = [], deaf, Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                listener.heard.append((dict(self.headers), body))
                is_deaf = len(listener.heard) <= listener.refused
                self.send_response(503 if is_deaf else 204)
                self.end_headers()
                if not is_deaf:
                    listener.is_done.set()

            def log_message(self, *_):
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def test_a_finished_document_is_told_of_and_signed_and_told_again_until_heard(tmp_path):
    with Listener(deaf=1) as listener:
        secret = SecretStr(SECRET)
        with setup(tmp_path / "data", webhook_url=listener.url, webhook_secret=secret) as made:
            made.start()
            document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 2))
            made.wait_for(document_id, DocumentState.INDEXED)
            assert listener.is_done.wait(PATIENCE_S)
    (headers, body), (again, same) = listener.heard
    event = Webhook(SECRET).verify(body, headers)
    assert event == json.loads(body) and body == same
    assert headers["webhook-id"] == again["webhook-id"]
    assert event["type"] == "document.indexed"
    assert event["data"]["document_id"] == document_id and event["data"]["pages_done"] == 2
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace("indexed", "failed"), headers)


def test_a_failed_document_is_told_of_too_and_unsigned_without_a_secret(tmp_path):
    with Listener() as listener, setup(tmp_path / "data", webhook_url=listener.url) as made:
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 1))
        made.library.objects.delete_document(document_id)
        made.start()
        assert listener.is_done.wait(PATIENCE_S)
    headers, body = listener.heard[0]
    assert json.loads(body)["type"] == "document.failed"
    assert json.loads(body)["data"]["error_code"] == "not_found"
    assert "webhook-signature" not in headers


def test_stopping_does_not_wait_for_a_webhook_that_nobody_hears(tmp_path):
    with Listener(deaf=100) as listener, setup(tmp_path / "data", webhook_url=listener.url) as made:
        made.start()
        made.wait_for(made.add(pdfs.write_report(tmp_path / "a.pdf", 1)), DocumentState.INDEXED)
        while len(listener.heard) < 3:
            listener.is_done.wait(0.01)
        stopping = Thread(target=made.stop)  # the next try is seconds away, the last half an hour
        stopping.start()
        heard = len(listener.heard)
        stopping.join(PATIENCE_S)
        assert not stopping.is_alive() and len(listener.heard) == heard


def test_a_secret_that_is_no_base64_is_a_bad_setting(monkeypatch):
    monkeypatch.setenv("VDR_WEBHOOK_SECRET", "whsec_a")
    with pytest.raises(BadSetting, match="VDR_WEBHOOK_SECRET"):
        read_settings()
