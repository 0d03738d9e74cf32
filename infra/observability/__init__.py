"""Notifications, logs, dashboard and budget of an environment."""
