"""What a change does to a pipeline, in words.

Enters: two sides, each a definition, a template or a folder of them, a revision, or what is
deployed. Leaves: Markdown or one JSON object. `sources` reads, `comparison` compares into plain
data, `markdown` and `as_json` write it. Must not know: AWS's API; what is deployed comes in through
a function.
"""
