"""The machines that wheels must run on: what they are, which tags they accept, and why not.

Start with ``catalog.find_target``, ``detect.detect_this`` and ``tags.supported_tags``. Everything
but ``catalog`` runs on Python 3.9 with the standard library alone, on the target itself.
"""
