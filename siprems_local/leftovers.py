"""Processes of an instance whose launcher was killed."""

from siprems_local.home import Home
from siprems_local.instance import Instance
from siprems_local.processes import end_processes, instance_processes

PATIENCE_SECONDS = 20.0


def leftover_processes(home: Home, instance: Instance) -> list[int]:
    """Every process of the instance but this one."""
    servers = home.servers()
    return instance_processes(instance.id, (servers / "postgres", servers / "valkey"))


def end_leftovers(home: Home, instance: Instance) -> int:
    """End them, in order where they are willing; returns their number. Needs the instance's lock."""
    left = leftover_processes(home, instance)
    end_processes(left, PATIENCE_SECONDS)
    return len(left)
