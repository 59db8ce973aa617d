"""What pods and nodes use, from the metrics of the kubelets: read, kept for a while, and summarized for the control plane."""
