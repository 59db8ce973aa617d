"""One look at one cluster, or at a dump of one: what is wrong, and why. No server, no database, nothing kept.

The judgement is the server's own (detectors, grouping, analysis rules, redaction); this room only brings objects to it, once, and prints
what it says. `optral eval` scores the same look over labelled bundles.
"""
