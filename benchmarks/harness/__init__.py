"""Shared by all suites: measurement of programs, and reports of tables and charts."""
