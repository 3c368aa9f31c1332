"""Package indexes: parse their pages, ask them, download from them.

``simple`` is pure; ``settings`` decides from what pip, uv and the caller say; ``client`` and
``transfer`` do the talking.
"""
