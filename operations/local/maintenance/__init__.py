"""Maintenance of a work folder."""
