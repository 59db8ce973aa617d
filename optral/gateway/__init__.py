"""The edge agents come to: enrollment over server TLS, tunnels over mutual TLS.

It takes identity from the verified certificate, turns messages into plain values and hands them to the flows.
"""
