"""Following tasks as they run: a few threads of a process serve everybody who follows any of them.

`hub` knows who follows what. `pump` reads the ledger for all of them together when `feed` hears on Redis that
something changed, or once a second while Redis is away. `relay` writes to connections that the web server has
handed over. So an open stream costs a socket and a buffer: no thread, and no connection to the database.
"""

from siprems_backend.services.live_updates.access import Access
from siprems_backend.services.live_updates.service import adopt, open_stream, stop
from siprems_backend.services.live_updates.stream import LiveStream

__all__ = ["Access", "LiveStream", "adopt", "open_stream", "stop"]
