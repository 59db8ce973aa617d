"""The connection to the control plane: enrollment, trust, the tunnel and its sessions."""
