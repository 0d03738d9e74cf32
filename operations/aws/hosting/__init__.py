"""The environment's endpoint: what it serves, its deployments, requests, and its deletion."""
