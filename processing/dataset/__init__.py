"""Reads datasets: archives, tables and folders of them become batches of raw reviews.

Enters: files. Leaves: `reviews.Batch`, or a DataError that names file and row.
Must not know: what is done with the text.
"""
