"""The messages between agents and the control plane."""
