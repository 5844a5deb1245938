"""Sending an e-mail over the configured mail server."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

from siprems_backend.config import Settings, get_settings
from siprems_backend.models.delivery_queries import Due
from siprems_backend.services.notifications.letter import letter
from siprems_backend.services.notifications.problems import Undeliverable

# For each step of the conversation with a server that the operator chose.
SECONDS = 10.0


def is_available() -> bool:
    """Whether there is a mail server."""
    return bool(get_settings().smtp_host)


def send(due: Due) -> int:
    """Hand an e-mail to the mail server; the status of its answer, 250.

    Raises:
        Undeliverable: it was not taken.
    """
    settings = get_settings()
    if not settings.smtp_host:
        raise Undeliverable("E-mail is not set up on this server.")
    message = compose(due, settings.smtp_from)
    try:
        with _connected(settings) as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise Undeliverable(_in_words(error), _status(error)) from None
    return 250


def compose(due: Due, sender: str) -> EmailMessage:
    """The e-mail, plain and simple HTML; its id is the same at every attempt."""
    written = letter(due.event, due.payload)
    message = EmailMessage()
    message["Subject"] = written.subject
    message["From"] = sender
    message["To"] = due.target
    message["Date"] = formatdate(due.created_at.timestamp(), usegmt=True)
    message["Message-ID"] = f"<siprems-delivery-{due.id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    # Holiday notices and the like need not answer a machine (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Siprems-Event"] = due.event
    message["X-Siprems-Delivery"] = str(due.id)
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    return message


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=SECONDS)
    if settings.smtp_security == "starttls":
        try:
            # A server that offers no TLS is refused here: a password never goes in clear.
            server.starttls(context=ssl.create_default_context())
        except Exception:
            server.close()
            raise
    return server


def _status(error: Exception) -> int | None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _ in error.recipients.values()), None)
    code = getattr(error, "smtp_code", None)
    return code if isinstance(code, int) and 200 <= code < 600 else None


def _in_words(error: Exception) -> str:
    """What the receiver may read: not the server's own words, which may tell of its inside."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "The mail server refused the address."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "The mail server refused the account of this installation."
    if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return "No secure connection to the mail server."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server answered {error.smtp_code}."
    return "The mail server could not be reached."
