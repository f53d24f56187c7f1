"""The use cases: all rules, all queries. Services flush and never commit."""
