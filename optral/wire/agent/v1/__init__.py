"""Version 1 of what agents and the control plane say. Generated; see lab/tools/generate_wire.py."""
