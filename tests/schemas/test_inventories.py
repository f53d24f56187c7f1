import pytest

from app.models import InventoryType
from app.schemas.inventories import InventoryIn
from tests.schemas.checks import read, refusal


@pytest.mark.parametrize("kind", InventoryType)
def test_every_type_is_taken(kind: str) -> None:
    assert read(InventoryIn, type=kind, inventory="hosts").type == kind


@pytest.mark.parametrize("kind", ["", "none", "STATIC"])
def test_another_type_is_refused_in_known_words(kind: str) -> None:
    assert str(refusal(InventoryIn, type=kind)) == "Not supported inventory type"


@pytest.mark.parametrize("path", ["/etc/hosts", "../../etc/hosts", "a/../../b"])
def test_a_file_stays_inside_its_repository(path: str) -> None:
    assert str(refusal(InventoryIn, type="file", inventory=path)) == (
        "Invalid inventory file pathname. Must be: path/to/inventory."
    )
    assert read(InventoryIn, type="static", inventory=path).inventory == path
