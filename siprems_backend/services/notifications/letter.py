"""What a notification says to a person."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from siprems_backend.config import get_settings
from siprems_backend.services.notifications import morning
from siprems_backend.services.notifications.names import STOPPED, Event
from siprems_backend.services.task_registry.kinds import TaskKind

LONGEST_SUBJECT = 150
LONGEST_REASON = 1000
HEADLINES: dict[str, str] = {
    Event.TASK_SUCCEEDED: "{what} has completed",
    Event.TASK_FAILED: "{what} has failed",
    Event.TASK_CANCELLED: "{what} was cancelled",
    Event.TRAINING_RUN_COMPLETED: "A training run has completed",
    Event.TRAINING_RUN_FAILED: "A training run had failures",
    Event.IMPORT_COMPLETED: "An import has completed",
    Event.IMPORT_FAILED: "An import has failed",
    Event.MORNING_SUMMARY: "What to order today",
    STOPPED: "A webhook was switched off",
}
KINDS: dict[str, str] = {
    TaskKind.TRAIN_PRODUCT: "The training of a product",
    TaskKind.TRAIN_ALL: "A training run",
    TaskKind.PREDICT_STOCK: "A forecast",
    TaskKind.PREDICT_BATCH: "A forecast of many products",
    TaskKind.REFRESH_FORECASTS: "The refresh of the stored forecasts",
    TaskKind.ACCURACY_WATCH: "The watch over the forecasts",
    TaskKind.IMPORT_FILE: "An import",
    TaskKind.CONVERT_DATASET: "The upload of a dataset",
    TaskKind.PROFILE_DATASET: "The profile of a dataset",
    TaskKind.RUN_TOOL: "The run of a tool",
    TaskKind.MORNING_SUMMARY: "The summary of the morning",
}
FIGURES = {
    "total_products": "products",
    "products": "products watched",
    "drifted": "drifted",
    "biased": "biased",
    "forecast_anew": "forecast anew",
    "trained": "trained",
    "rows": "rows",
    "accepted": "accepted",
    "rejected": "rejected",
    "inserted": "new",
    "updated": "changed",
    "unchanged": "unchanged",
    "skipped": "skipped",
    "failed": "failed",
    "shop_forecasts": "forecast with the shop",
    "shop_forecasts_failed": "not forecast",
}


@dataclass(frozen=True)
class Letter:
    """A short message in two forms; the subject is one line."""

    subject: str
    text: str
    html: str


def letter(event: str, payload: dict[str, Any]) -> Letter:
    """The message of an event."""
    headline = _headline(event, payload)
    lines = list(_lines(payload))
    link = _link(payload)
    text = "\n\n".join([f"{headline}.", *lines, *([link] if link else [])]) + "\n"
    paragraphs = [
        f"<p><strong>{escape(headline)}.</strong></p>",
        *(f"<p>{escape(line)}</p>" for line in lines),
    ]
    if link:
        paragraphs.append(f'<p><a href="{escape(link)}">{escape(link)}</a></p>')
    return Letter(_one_line(f"SIPREMS: {headline}"), text, "\n".join(paragraphs) + "\n")


def _headline(event: str, payload: dict[str, Any]) -> str:
    kind = payload.get("task", {}).get("kind", "")
    what = KINDS.get(kind) or f"A task ({kind.rsplit('.', 1)[-1].replace('_', ' ')})"
    return HEADLINES.get(event, event).format(what=what)


def _lines(payload: dict[str, Any]) -> list[str]:
    task, summary = payload.get("task", {}), payload.get("summary", {})
    if "plan_date" in summary:
        return morning.sentences(summary)
    lines = []
    counted = [f"{summary[name]:,} {word}" for name, word in FIGURES.items() if name in summary]
    if counted:
        lines.append(", ".join(counted) + ".")
    reason = (task.get("error") or {}).get("message") or payload.get("message")
    if reason:
        lines.append(str(reason)[:LONGEST_REASON])
    if task.get("finished_at"):
        took = f", after {task['runtime_s']:,.1f} s" if task.get("runtime_s") is not None else ""
        lines.append(f"Ended at {task['finished_at']}{took}.")
    return lines


def _link(payload: dict[str, Any]) -> str | None:
    """The task's address, where ours is known; a mere path would lead nowhere from a mailbox."""
    link: str | None = payload.get("task", {}).get("link")
    return link if link and get_settings().public_url and "://" in link else None


def _one_line(text: str) -> str:
    """A subject that ends where it should: line breaks in it would begin another header."""
    visible = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(visible.split())[:LONGEST_SUBJECT]
