"""A limit of time as forms show it: minutes, where rows have seconds."""


def to_seconds(minutes: str | int | None) -> str | int | None:
    """Minutes as typed in seconds; what is no number is left to the schema to refuse."""
    try:
        return round(float(minutes or 0) * 60)
    except (ValueError, OverflowError):
        return minutes


def to_minutes(seconds: str | int | None) -> str:
    """Seconds as a number of minutes, nothing for none; what was refused stays as it was typed."""
    return f"{seconds / 60:g}" if isinstance(seconds, int) and seconds else str(seconds or "")
