"""Checks before an execution, its cost, and the resources that it leaves."""
