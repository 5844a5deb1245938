"""Notifications: webhooks and e-mails when tasks have ended.

`outbox` writes what is to be told in the transaction that ends a task; `sending` sends it afterwards.
"""

from siprems_backend.services.notifications import delivery_log, outbox, preferences, upkeep, webhooks
from siprems_backend.services.notifications.choices import KINDS
from siprems_backend.services.notifications.names import Event
from siprems_backend.services.notifications.sending import deliver_due

__all__ = ["KINDS", "Event", "deliver_due", "delivery_log", "outbox", "preferences", "upkeep", "webhooks"]
