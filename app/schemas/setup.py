from app.schemas.base import Input
from app.schemas.users import ChosenPassword, ChosenUsername, Name


class SetupIn(Input):
    """The first administrator, as the set-up page asks for him."""

    name: Name = ""
    username: ChosenUsername = ""
    password: ChosenPassword = ""
    demo: bool = True
