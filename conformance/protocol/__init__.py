"""The protocol: requests and responses, how they are made, checked and recorded. It knows no importer and no oracle."""
