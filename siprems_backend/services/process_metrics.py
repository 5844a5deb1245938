"""What the processes that are asked together are and use, for monitoring."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterable

from prometheus_client.core import InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from siprems_backend import __version__
from siprems_backend.config import get_settings
from siprems_backend.extensions import metrics_files
from siprems_backend.services.metric_families import gauge, gauges
from siprems_backend.utils import disk
from siprems_backend.utils.memory import resident_mb
from siprems_backend.utils.snapshot import Snapshot

FRESH_FOR_SECONDS, PATIENCE_SECONDS = 10.0, 2.0
MIB = 2**20


class ProcessMetrics(Collector):
    """The processes' number and memory, the disks they write to, and their version."""

    def __init__(self) -> None:
        # A network file system that does not answer holds up a thread, not whoever asks.
        self._disks = Snapshot("disks", _disks, fresh_for_s=FRESH_FOR_SECONDS, patience_s=PATIENCE_SECONDS)

    def collect(self) -> Iterable[Metric]:
        """All figures."""
        yield InfoMetricFamily(
            "siprems_build",
            "What runs here.",
            {"version": __version__, "python": platform.python_version()},
        )
        memory = [resident_mb(pid) or 0.0 for pid in metrics_files.counting_processes()]
        yield gauge("siprems_processes", "Processes that are counted together.", len(memory))
        yield gauge(
            "siprems_resident_memory_bytes", "Their memory, shared parts counted for each.", sum(memory) * MIB
        )
        yield gauge(
            "siprems_largest_process_bytes", "The memory of the largest.", max(memory, default=0.0) * MIB
        )
        yield from self._disks.get() or ()


def _disks() -> list[Metric]:
    settings = get_settings()
    folders = {"models": settings.models_dir, "data": settings.data_dir}
    usage = {name: shutil.disk_usage(disk.nearest_existing(folder)) for name, folder in folders.items()}
    return [
        gauges(
            "siprems_disk_free_bytes",
            "Free space on the disk of a folder.",
            "folder",
            {name: figures.free for name, figures in usage.items()},
        ),
        gauges(
            "siprems_disk_size_bytes",
            "Size of the disk of a folder.",
            "folder",
            {name: figures.total for name, figures in usage.items()},
        ),
    ]
