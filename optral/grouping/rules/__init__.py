"""Which failures can explain a failure, by type and by how their objects are related. `candidates.py` has the table of rules."""
