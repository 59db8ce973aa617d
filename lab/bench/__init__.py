"""`make bench`: the figures Optral promises, each against a named baseline measured in the same run; medians of three.

`make bench ARGS="ingest --seconds 20 --runs 1"` runs one row. All processes of a run share the machine's cores, and the table says how
many. Everything is on loopback and ends by itself. A row that cannot be measured is shown as such, never left out.
"""
