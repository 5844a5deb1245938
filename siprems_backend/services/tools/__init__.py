"""The tools, one module each, with a `TOOL`; see `services.tool_runner.tool`."""
