"""Measures how the jobs grow with the reviews, and says where they would break.

Enters: the original archive. Leaves: larger archives made of it (thrown away again), what the jobs
cost on each, the laws fitted to that, and what they say of 10 million and a thousand million
reviews.
"""
