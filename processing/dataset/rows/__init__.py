"""Rows of tables: CSV, JSON and Parquet, each read front to back, a few rows at a time."""
