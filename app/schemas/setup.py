from app.schemas.base import Input
from app.schemas.users import ChosenPassword, Name, Username


class SetupIn(Input):
    """The first administrator, as the set-up page asks for him."""

    name: Name = ""
    username: Username = ""
    password: ChosenPassword = ""
    demo: bool = True
