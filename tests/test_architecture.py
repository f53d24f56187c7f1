"""Rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

from app.urls import IdConverter

ROOT = Path(__file__).parent.parent
MODULES = sorted(p for p in ROOT.glob("app/**/*.py") if "migrations" not in p.parts)
SOURCES = [*MODULES, *ROOT.glob("*.py"), *ROOT.glob("bench/**/*.py"), *ROOT.glob("tests/**/*.py")]
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
SCRIPTS = sorted(ROOT.glob("static/js/*.js"))
# Where everything is caught and not raised again: the loop over after-commit callbacks, the runner
# of jobs, and a forked child, of which nothing may return into the stack of its parent.
BROAD = {"app/db.py", "app/jobs/tasks.py", "app/services/task_runs.py", "app/lib/forks.py"}


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_module_is_longer_than_300_lines() -> None:
    assert [short(p) for p in SOURCES if len(p.read_text().splitlines()) > 300] == []


def test_no_function_is_longer_than_40_lines() -> None:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    functions = [
        (short(path), node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, kinds)
    ]
    lengths = {
        f"{path}:{f.lineno} {f.name}": (f.end_lineno or 0) - f.lineno + 1 for path, f in functions
    }
    assert {place: length for place, length in lengths.items() if length > 40} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_no_template_is_longer_than_120_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", SCRIPTS, ids=short)
def test_no_script_is_longer_than_its_limit(path: Path) -> None:
    limit = 400 if path.name == "log.js" else 200
    assert len(path.read_text().splitlines()) <= limit


def test_everything_is_caught_only_in_known_places() -> None:
    catching = [
        short(path)
        for path in SOURCES
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and catches_all(node)
    ]
    assert sorted(catching) == sorted(BROAD)


def catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether whatever is raised ends here."""
    named = re.findall(r"\w+", ast.unparse(handler.type)) if handler.type else ["BaseException"]
    is_broad = not {"Exception", "BaseException"}.isdisjoint(named)
    return is_broad and not isinstance(handler.body[-1], ast.Raise)


@pytest.mark.parametrize("path", sorted(ROOT.glob("app/services/*.py")), ids=short)
def test_services_never_commit_a_views_transaction(path: Path) -> None:
    allowed = {"task_runs.py", "task_output_store.py"}  # they run in the worker, in no view
    assert path.name in allowed or "session.commit()" not in path.read_text()


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_the_environment_is_read_by_the_settings_alone(path: Path) -> None:
    allowed = {
        "app/config.py",
        "app/boot.py",
        "app/serve.py",  # hands it to the programs that it starts
        "app/lib/git.py",  # tells GitPython how to behave when it is imported
        "app/lib/hardening.py",
        "app/executors/environment.py",  # what the settings forward
        "app/executors/ansible_plugins/callback/heliograph.py",  # runs in another program
    }
    assert short(path) in allowed or "os.environ" not in path.read_text()


@pytest.mark.parametrize("program", ["wsgi.py", "worker.py", "gunicorn.conf.py"])
def test_a_program_hides_itself_before_it_loads_the_rest(program: str) -> None:
    statements = [ast.unparse(n) for n in ast.parse((ROOT / program).read_text()).body[1:]]
    before = statements[: statements.index("become_undumpable()")]
    light = {"import gc", "import sys", "from pathlib import Path"}
    assert [s for s in before if s not in light and "app.lib.hardening" not in s] == []


def test_htmx_is_known_in_one_module() -> None:
    readers = [short(p) for p in MODULES if re.search(r"get\(\W*HX-", p.read_text())]
    assert set(readers) <= {"app/web/hx.py", "app/http_errors.py"}


def test_every_id_in_a_path_is_one_that_a_database_can_look_for(app) -> None:
    unbounded = {
        rule.rule
        for rule in app.url_map.iter_rules()
        for name, converter in rule._converters.items()
        if name.endswith("_id") and not isinstance(converter, IdConverter)
    }
    assert not unbounded


def test_every_view_says_who_may_call_it(app) -> None:
    unmarked = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "access")
    }
    assert not unmarked
