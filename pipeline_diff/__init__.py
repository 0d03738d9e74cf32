"""Changes between two versions of a pipeline.

Input: two sides, each a definition, a template, a folder of templates, a git revision, or a
deployed stack. Output: Markdown or one JSON object. `load` reads the sides, `diff` matches them,
`compare` compares them into plain data, and `render` formats it. Must not know: the command line or
AWS's API; the template of a deployed stack comes from a function that the caller passes.
"""
