"""Names of content types."""

from __future__ import annotations

from local_runner.algorithms.script_mode.encoders import CSV, JSON, NPY

__all__ = ["ANY", "CSV", "JSON", "NPY", "OCTET_STREAM", "UTF8_TYPES"]

ANY = "*/*"
OCTET_STREAM = "application/octet-stream"
UTF8_TYPES = [JSON, CSV]
