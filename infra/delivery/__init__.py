"""Delivery from GitHub or GitLab: the jobs' roles, their trust policies, the smoke test."""
