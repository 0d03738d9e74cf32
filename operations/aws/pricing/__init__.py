"""Prices from AWS's Price List API, and what an execution is expected to cost."""
