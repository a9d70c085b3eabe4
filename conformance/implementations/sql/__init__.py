"""A student importer on a real database, SQLite or PostgreSQL."""

from .database import UnusableDatabaseError
from .service import SqlImporter

__all__ = ["SqlImporter", "UnusableDatabaseError", "importer", "staging_importer"]


def importer() -> SqlImporter:
    """An importer with a database of its own, in memory."""
    return SqlImporter()


def staging_importer() -> SqlImporter:
    """The same, which takes the shortest file as it takes the longest."""
    return SqlImporter(staged_from=0)
