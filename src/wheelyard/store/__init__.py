"""The content-addressed store: artifacts by digest, results by step key."""
