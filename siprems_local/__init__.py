"""The local environment behind ``./siprems``: embedded servers, supervisor, commands.

Nothing here imports the backend or the engine: they are started as processes, like a
production machine would, and spoken to through their environment and their health check.
"""
