"""Chooses the values of the presets ``accurate`` and ``fast`` by validation alone.

Enters: an archive of reviews. Leaves: ``results/<date>-search.md``, a line for each trial, and the
chosen values as JSON on stdout; they go to ``pipeline_steps/presets.json`` by hand. The archive's
test half never reaches a trial: what Preprocess is given here holds the training half alone.
"""
