"""A student importer on a real database, SQLite or PostgreSQL."""

from .database import UnusableDatabaseError
from .service import SqlImporter

__all__ = ["SqlImporter", "UnusableDatabaseError", "importer"]


def importer() -> SqlImporter:
    """An importer with a database of its own, in memory."""
    return SqlImporter()
