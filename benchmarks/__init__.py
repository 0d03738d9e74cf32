"""Benchmarks: the pipeline compared with other ways to do its work, measured in the same run.

Input: the article's archive of reviews. Output: a dated report in ``results/`` as JSON, Markdown
and SVG. Every stage is measured from outside, as a process, by the kernel's accounting.

    harness    measure a program, time its stages, profile it, render a report
    baselines  other programs that do the same work
    pipeline   the pipeline against the baselines, stage by stage, and its targets
    presets    the presets against linear models
    scaling    how the jobs' CPU and memory grow with the number of reviews
"""
