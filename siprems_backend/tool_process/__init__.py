"""One run of a tool, in processes of its own: `python -m siprems_backend.tool_process`."""
