"""Costs and prices, cleanup, and preflight checks."""
