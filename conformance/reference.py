"""The reference model as an importer, under the short name that users type: `python:conformance.reference:importer`."""

from conformance.oracle.reference import importer

__all__ = ["importer"]
