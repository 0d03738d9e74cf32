"""Model versions, with the same rules for local registries and AWS."""
