"""A session: a conversation with one importer, in lockstep with the oracle, or of a trace that is replayed."""
