"""Measures the pipeline beside the article's own code, on the original archive.

Enters: an archive of reviews. Leaves: a dated table, its numbers as JSON, and a picture, in
``results/``. The pipeline is measured from outside, through the command lines of its jobs and of
``sentiment``; every stage is a process, and its price is what the kernel accounts to it.
"""
