"""Delivery from GitHub: the roles of the workflows, their trust policies, the smoke test."""
