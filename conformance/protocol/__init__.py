"""The protocol: how requests and responses are made, checked and recorded. It depends on no importer and no oracle."""
