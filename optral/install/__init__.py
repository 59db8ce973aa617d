"""How the agent gets into a cluster: addresses, manifests, the chart and its permissions, as commands for each method. No use cases."""
