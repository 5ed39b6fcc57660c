"""Proxies, and how they are told from whoever asks directly."""

FORWARDING = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED",
    "HTTP_VIA",
)  # fmt: skip
"""Whoever asks for somebody else says so in one of these."""
