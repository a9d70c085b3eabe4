"""Mutation testing: small changes of the model, each of which a test has to notice."""
