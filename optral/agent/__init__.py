"""The program inside (or beside) a cluster: it watches, redacts, keeps the newest of each object and sends it up the tunnel.

Never imports the control plane.
"""
