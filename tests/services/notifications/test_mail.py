"""E-mails, over a real mail server's conversation."""

from __future__ import annotations

import base64
import email
import email.policy
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.config import SettingsError, load_settings
from siprems_backend.extensions.database import Database
from siprems_backend.models.delivery_queries import Due
from siprems_backend.models.notifications import Delivery
from siprems_backend.services.identity import Principal
from siprems_backend.services.notifications import Event, deliver_due, mail, sending
from siprems_backend.services.notifications.letter import letter
from siprems_backend.services.notifications.problems import Undeliverable
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils import clock
from tests.receivers import AUTHORITY, Mailbox, mail_server
from tests.services.notifications.conftest import end_task, settings_of

# Links in letters are read from the settings.
pytestmark = pytest.mark.usefixtures("app")
SENDER = "SIPREMS <siprems@shop.example>"
RUN = {"total_products": 1200, "trained": 1190, "unchanged": 0, "skipped": 7, "failed": 3} | {
    "shop_forecasts": 1198,
    "shop_forecasts_failed": 2,
}
TASK = {
    "task_id": "00000000-0000-4000-8000-000000000000",
    "kind": TaskKind.TRAIN_ALL.value,
    "status": "SUCCESS",
    "message": "Task completed successfully",
    "error": None,
    "finished_at": "2026-11-23T02:10:00Z",
    "runtime_s": 600.0,
    "link": "https://shop.example/api/v1/tasks/x?a=1&b=2",
}


def due(**values: Any) -> Due:
    fields = {
        "id": 7,
        "subscription_id": 1,
        "event": Event.TRAINING_RUN_FAILED.value,
        "payload": {"task": TASK, "summary": RUN},
        "attempts": 1,
        "created_at": clock.now(),
        "channel": "email",
        "target": "you@example.com",
        "secret": None,
    }
    return Due(**{**fields, **values})


@pytest.fixture
def mailbox(database: Database) -> Iterator[Mailbox]:
    """A mail server on this machine, without TLS, which the settings name."""
    with mail_server() as server, settings_for(server, SMTP_SECURITY="none"):
        yield server


def settings_for(server: Mailbox, **values: str) -> Any:
    named = {"SMTP_HOST": "localhost", "SMTP_PORT": str(server.port), "SMTP_FROM": SENDER}
    return settings_of(**named, PUBLIC_URL="https://shop.example", **values)


def parsed(server: Mailbox) -> EmailMessage:
    ((_, _, letter_bytes),) = server.letters
    return email.message_from_bytes(letter_bytes, policy=email.policy.default)  # type: ignore[return-value]


def test_a_letter_arrives(mailbox: Mailbox) -> None:
    assert mail.send(due()) == 250
    ((_, recipients, _),) = mailbox.letters
    message = parsed(mailbox)
    assert recipients == ["you@example.com"]
    assert message["Subject"] == "SIPREMS: A training run had failures"
    assert (message["From"], message["To"]) == (SENDER, "you@example.com")
    assert message["Message-ID"] == "<siprems-delivery-7@shop.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Siprems-Delivery"] == "7"
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    text = plain.get_content()
    assert "1,200 products, 1,190 trained, 0 unchanged, 7 skipped, 3 failed, 1,198 forecast with" in text
    assert "with the shop, 2 not forecast." in text
    assert TASK["link"] in text
    assert 'href="https://shop.example/api/v1/tasks/x?a=1&amp;b=2"' in html.get_content()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_secured_with_a_password(database: Database, security: str) -> None:
    account = {"SMTP_USER": "shop", "SMTP_PASSWORD": "pass word", "SSL_CERT_FILE": str(AUTHORITY)}
    with (
        mail_server(starttls=security == "starttls", tls=security == "tls") as server,
        settings_for(server, SMTP_SECURITY=security, **account),
    ):
        assert mail.send(due()) == 250
    assert server.secured == [True]
    (log_in,) = server.log_ins
    assert base64.b64decode(log_in.removeprefix("PLAIN ")) == b"\0shop\0pass word"


@pytest.mark.parametrize(("offers_tls", "trusted"), [(False, True), (True, False)])
def test_nothing_is_sent_over_a_connection_that_is_not_secured(
    database: Database, offers_tls: bool, trusted: bool
) -> None:
    authority = {"SSL_CERT_FILE": str(AUTHORITY)} if trusted else {}
    account = {"SMTP_USER": "shop", "SMTP_PASSWORD": "secret"}
    with (
        mail_server(starttls=offers_tls) as server,
        settings_for(server, **authority, **account),
        pytest.raises(Undeliverable, match="No secure connection to the mail server"),
    ):
        mail.send(due())
    assert (server.letters, server.log_ins) == ([], [])


@pytest.mark.parametrize(
    ("verb", "answer", "reason", "status"),
    [
        ("RCPT", "550 no such user <script>", "The mail server refused the address.", 550),
        ("DATA", "451 later", "The mail server answered 451.", 451),
        ("MAIL", "421 busy", "The mail server answered 421.", 421),
        ("AUTH", "535 no", "The mail server refused the account of this installation.", 535),
    ],
)
def test_refusals(database: Database, verb: str, answer: str, reason: str, status: int) -> None:
    account = {"SMTP_USER": "shop", "SMTP_PASSWORD": "x", "SSL_CERT_FILE": str(AUTHORITY)}
    with mail_server(tls=True) as server, settings_for(server, SMTP_SECURITY="tls", **account):
        server.refusals[verb] = answer
        with pytest.raises(Undeliverable) as caught:
            mail.send(due())
    assert (caught.value.reason, caught.value.status) == (reason, status)


def test_nobody_there(database: Database) -> None:
    with settings_for(Mailbox(port=1)), pytest.raises(Undeliverable, match="could not be reached"):
        mail.send(due())
    with pytest.raises(Undeliverable, match="not set up"):
        mail.send(due())


@given(st.text(), st.text())
def test_no_text_adds_a_header_or_markup(name: str, message: str) -> None:
    task = {**TASK, "kind": f"tasks.x.{name}\r\nBcc: evil@example.com", "error": {"message": message}}
    message_of = mail.compose(due(event="task.failed", payload={"task": task}), SENDER)
    assert "Bcc" not in message_of
    assert "\n" not in message_of["Subject"]
    assert len(message_of["Subject"]) <= 150


def test_markup_in_a_reason_stays_text() -> None:
    written = letter("task.failed", {"task": {**TASK, "error": {"message": "<script>alert(1)</script>"}}})
    assert "<script>" not in written.html
    assert "<script>" in written.text


def test_no_link_without_an_address_of_ours() -> None:
    written = letter("task.failed", {"task": {**TASK, "link": "/api/v1/tasks/x"}})
    assert "/api/v1" not in written.text
    assert "href" not in written.html


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("kind", [TaskKind.TRAIN_PRODUCT.value, "tasks.new_tasks.a_new_thing", ""])
def test_every_event_reads_as_a_sentence(event: Event, kind: str) -> None:
    written = letter(event.value, {"task": {**TASK, "kind": kind}})
    assert written.subject.startswith("SIPREMS: ")
    assert "{" not in written.subject


def test_from_the_end_of_a_task_to_the_mailbox(
    mailbox: Mailbox,
    owner: Principal,
    subscribe: Callable[..., int],
    deliveries: Callable[[], list[Delivery]],
) -> None:
    subscribe(owner, owner.email, channel="email", secret=None)
    end_task(owner, error="No product with SKU 'Ä'.")
    assert deliver_due()["delivered"] == 1
    message = parsed(mailbox)
    assert (message["To"], message["Subject"]) == (
        owner.email,
        "SIPREMS: The training of a product has failed",
    )
    assert [row.last_status for row in deliveries()] == [250]


def test_a_flood_of_ends_is_not_a_flood_of_letters(
    mailbox: Mailbox,
    owner: Principal,
    subscribe: Callable[..., int],
    deliveries: Callable[[], list[Delivery]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "MOST_MAILS_AN_HOUR", 2)
    monkeypatch.setattr(sending, "THREADS", 1)
    hook = subscribe(owner, owner.email, channel="email", secret=None)
    for _ in range(4):
        end_task(owner)
    assert deliver_due() == {"delivered": 2, "postponed": 0, "failed": 2}
    assert len(mailbox.letters) == 2
    assert deliveries()[-1].last_error == sending.TOO_MANY_MAILS
    assert hook


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"SMTP_HOST": "mail.example.com"}, "SMTP_FROM"),
        ({"SMTP_USER": "x", "SMTP_SECURITY": "none"}, "never sent in clear"),
        ({"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY"),
        ({"PUBLIC_URL": "shop.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://shop.example/a b"}, "PUBLIC_URL"),
    ],
)
def test_settings_that_cannot_work(environment: dict[str, str], values: dict[str, str], problem: str) -> None:
    with settings_of(**values), pytest.raises(SettingsError, match=problem):
        load_settings()
