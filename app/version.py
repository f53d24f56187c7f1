"""Which version this is, and which version of the original's API it speaks."""

VERSION = "0.1.0"
API = "2.16.14"
