from typing import Annotated, Literal

from pydantic import RootModel

from app.schemas.base import Count, Input, Line, Output, filled


class ProjectViewIn(Input):
    """A part of the templates. What is ours to decide (`hidden` and the like) may be left out."""

    title: Annotated[Line, filled("title can not be empty")] = ""
    """What people call it."""
    position: Count = 0
    """Its place among the views."""
    type: Literal["", "all"] = ""
    """Kept for clients."""
    hidden: bool = False
    """Kept for clients."""
    sort_column: Literal["name"] | None = None
    """Kept for clients."""
    sort_reverse: bool = False
    """Kept for clients."""


class PositionsIn(RootModel[dict[int, Count]]):
    """New positions by the ids of the views."""


class ProjectViewOut(Output):
    id: int
    project_id: int
    title: str
    position: int
    type: str
    hidden: bool
    sort_column: str | None
    sort_reverse: bool
