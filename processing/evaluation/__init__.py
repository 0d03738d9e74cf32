"""Measures predictions: metrics, calibration, significance, drift, comparison with the champion.

Enters: part files of predictions, labels and row details. Leaves: plain data for JSON and reports.
"""
