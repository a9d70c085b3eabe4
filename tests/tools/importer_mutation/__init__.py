"""Mutation testing of the two independent importers: small changes of them, each of which the suite has to notice."""
