"""Which issue explains which: one cause, one issue. Pure; the server and `optral scan` call the same functions."""
