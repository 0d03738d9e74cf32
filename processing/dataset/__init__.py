"""Reads datasets: archives, tables and folders of them become batches of raw reviews.

Input: files. Output: `reviews.Batch`, or a DataError with file and row.
Must not know: what the texts are used for.
"""
