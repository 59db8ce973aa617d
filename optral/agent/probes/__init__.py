"""Reachability probes from the agent's pod: closed targets, vetted addresses, one short check each."""
