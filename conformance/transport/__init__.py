"""Transports: how the suite reaches an importer: in this process, as a command, over HTTP."""
