"""The commands of ``./siprems``, one file each."""
