"""Requests as nobody should send them, made from what the SDK would send."""
