"""Measures the presets on the official test set, beside what a user would pick instead.

Enters: an archive of reviews. Leaves: a dated table, its numbers as JSON, and a picture, in
``results/``. Nothing is chosen by what is measured here.
"""
