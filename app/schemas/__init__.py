"""What comes in and goes out: one check for forms and JSON."""
