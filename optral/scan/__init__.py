"""Scans a cluster, or a dump of one, once: its issues and their causes. Needs no server and no database; stores nothing.

Detectors, grouping, analysis rules and redaction are those of the server. This package reads the objects, runs these steps once and formats
the report. `optral eval` scores the same scan on labeled bundles.
"""
