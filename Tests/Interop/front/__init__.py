"""Byte streams for an HTTP/1.1 server, and readers of them: what test_front_differential.py is made of."""
