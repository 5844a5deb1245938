"""The broker's transport: one client a pool of connections."""

from __future__ import annotations

import pytest

from siprems_backend.config import Settings
from siprems_backend.extensions import queue
from siprems_backend.extensions.broker_transport import Transport
from siprems_backend.extensions.database import Database


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_addresses_of_either_kind_get_it_and_keep_their_name(migrated: Settings, scheme: str) -> None:
    address = f"{scheme}://:secret@broker.example:6380/3"
    with queue.celery.connection_for_write(address) as connection:
        assert type(connection.transport) is Transport
        assert connection.as_uri() == f"{scheme}://:**@broker.example:6380/3"
        assert bool(connection.ssl) is (scheme == "rediss")


def test_a_channel_keeps_its_client_as_long_as_its_pool(migrated: Settings, database: Database) -> None:
    with queue.celery.connection_for_write() as connection:
        channel = connection.default_channel
        with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
            assert first is second
            assert first.ping()
        channel._pool.disconnect()
        channel._pool = None
        with channel.conn_or_acquire() as third:
            assert third is not first
            assert third.connection_pool is channel.pool
            assert third.ping()


def test_channels_share_no_client(migrated: Settings, database: Database) -> None:
    with queue.celery.connection_for_write() as connection:
        one, another = connection.channel(), connection.channel()
        with one.conn_or_acquire() as first, another.conn_or_acquire() as second:
            assert first is not second
