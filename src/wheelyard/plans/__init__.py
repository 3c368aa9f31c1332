"""What is to be made, and from what: values and pure decisions.

Requests (what a person asks for), resolutions (pins with hashes per target) and plans (a graph of
steps). Nothing here reads a file, runs a program or asks an index.
"""
