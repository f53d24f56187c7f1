from typing import Annotated, Literal

from pydantic import RootModel

from app.schemas.base import Count, Input, Line, Output, filled


class ProjectViewIn(Input):
    """A part of the templates, which its page obeys; all but the title may be left out."""

    title: Annotated[Line, filled("title can not be empty")] = ""
    """What people call it."""
    position: Count = 0
    """Its place among the views."""
    type: Literal["", "all"] = ""
    """all: it shows all templates, whatever view they are in."""
    hidden: bool = False
    """The list of templates has no tab for it."""
    sort_column: Literal["name"] | None = None
    """What its list is ordered by at first; without it as the list of all templates."""
    sort_reverse: bool = False
    """Whether that order is turned round."""


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
