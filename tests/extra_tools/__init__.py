"""A package of tools as an operator may name in TOOL_PACKAGES."""
