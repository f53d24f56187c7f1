from app.db import db
from app.models import Project, TemplateVault
from app.services import template_rows
from tests import factories


def test_templates_are_sorted_and_filtered(project: Project) -> None:
    one = factories.template(project, "one", playbook="b.sh")
    two = factories.template(project, "Two", playbook="a.sh", app="python")
    one.environments.append(factories.environment(project, "zed"))
    two.environments.append(factories.environment(project, "alpha"))
    db.session.commit()

    def found(**wanted: object) -> list[int]:
        return [row["id"] for row in template_rows.find(project, **wanted)]

    assert found() == [one.id, two.id]
    assert found(descending=True) == [two.id, one.id]
    assert found(sort="playbook") == found(sort="environment") == [two.id, one.id]
    assert found(app="python") == [two.id]
    assert found(view=factories.view(project)) == []


def test_a_row_tells_what_other_tables_know(project: Project) -> None:
    one, two = factories.template(project, "one"), factories.template(project, "two")
    groups = [factories.environment(project, name) for name in ("b", "a")]
    one.environments.extend(groups)
    one.vaults.append(TemplateVault(name="v", type="script", script="ask.sh"))
    db.session.commit()
    ids = [factories.task(one).id for _ in range(3)]
    row = template_rows.one(one)
    assert set(row["environment_ids"]) == {group.id for group in groups}
    assert [vault["name"] for vault in row["vaults"]] == ["v"]
    assert (row["last_task"]["id"], row["tasks"]) == (ids[2], 3)
    bare = template_rows.one(two)
    assert (bare["environment_ids"], bare["vaults"]) == ([], [])
    assert (bare["last_task"], bare["tasks"]) == (None, 0)


def test_the_queries_do_not_grow_with_the_list(project: Project, count_queries) -> None:
    factories.task(factories.template(project, "0"))
    with count_queries() as few:
        template_rows.find(project)
    for n in range(5):
        factories.task(factories.template(project, str(n + 1)))
    with count_queries() as many:
        template_rows.find(project)
    assert len(few) == len(many) == 5
