"""Delivery from GitHub: the roles that workflows assume, their trust policies, the smoke test."""
