"""Faults of a real cluster in which every pod runs and is ready: only logs, settings and the relations of objects show them.

README.md says how to run it. Nothing here knows how Optral detects anything.
"""
