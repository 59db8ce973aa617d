"""Issues over HTTP: lists, triage, mute rules, saved views, trends, topology and what was captured."""
