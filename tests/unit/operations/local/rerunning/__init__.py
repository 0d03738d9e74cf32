"""Tests of `run --watch`."""
