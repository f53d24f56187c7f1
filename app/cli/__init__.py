"""Commands for the terminal: parse, call a service, print."""
