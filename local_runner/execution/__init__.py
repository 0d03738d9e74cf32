"""Execute a plan: order, cache, retries, and the record of it all.

Input: a Plan, an execution (new or to be continued), a Platform. Output: the execution's record in
the work folder, and a listener called at each change of a step.
Must not know: what a job does beyond its arguments and properties, or any command-line option.
"""
