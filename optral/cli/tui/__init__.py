"""`optral tui`: open issues, one issue, its cure, by keyboard and live. It needs Textual, the extra `tui`.

Every text that can come from a cluster is cleaned and shown as `rich.text.Text`, so that nothing in it is markup.
"""
