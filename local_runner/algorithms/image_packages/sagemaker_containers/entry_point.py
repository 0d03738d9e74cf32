"""Functions that AWS's examples call before they train on several hosts."""

from __future__ import annotations


def _wait_hostname_resolution() -> None:
    """Return at once: the hosts of a local job are processes of this machine."""
