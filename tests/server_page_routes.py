"""The pages outside of projects, as tests/page_routes.py has those of a project."""

from app.guard import ADMIN, CREATE_PROJECT, PUBLIC, SIGNED_IN
from tests import page_forms as forms
from tests.factories import PASSWORD
from tests.routes import PROJECT, Route

SEEN = 303  # after a change the browser is sent to where one sees it
MOVED = 302
IDLE = {"project_id": "idle_project_id"}

SERVER_PAGES: dict[str, Route] = {
    "GET /": Route(PUBLIC, MOVED),
    "GET /auth/login": Route(PUBLIC, MOVED),
    "GET /dev/ui": Route(PUBLIC),
    "GET /healthz": Route(PUBLIC, 503),  # no worker is online
    "GET /login": Route(PUBLIC),
    "POST /login": Route(PUBLIC, SEEN, lambda _: {"username": "erin", "password": PASSWORD}),
    "POST /logout": Route(PUBLIC, SEEN),
    "GET /setup": Route(PUBLIC, SEEN),  # it is done: there are users
    "POST /setup": Route(PUBLIC, SEEN),
    "GET /setup/_tools": Route(PUBLIC, 204),
    "GET /static/<name>": Route(PUBLIC),
    "GET /project/<project_id>": Route(PUBLIC, MOVED),
    "GET /project/<project_id>/<path>": Route(PUBLIC, MOVED),
    "GET /admin/system": Route(ADMIN),
    "GET /admin/apps": Route(ADMIN),
    "GET /admin/apps/new": Route(ADMIN),
    "POST /admin/apps": Route(ADMIN, SEEN, lambda _: {"id": "ruby", "title": "Ruby"}),
    "GET /admin/apps/<app_name>/edit": Route(ADMIN),
    "POST /admin/apps/<app_name>/edit": Route(ADMIN, SEEN, lambda _: {"title": "Ours"}),
    "GET /admin/apps/<app_name>/delete": Route(ADMIN),
    "POST /admin/apps/<app_name>/delete": Route(ADMIN, SEEN),
    "GET /admin/roles": Route(ADMIN),
    "GET /admin/roles/new": Route(ADMIN),
    "POST /admin/roles": Route(ADMIN, SEEN, forms.role),
    "GET /admin/roles/<slug>/edit": Route(ADMIN),
    "POST /admin/roles/<slug>/edit": Route(ADMIN, SEEN, forms.role),
    "GET /admin/roles/<slug>/delete": Route(ADMIN),
    "POST /admin/roles/<slug>/delete": Route(ADMIN, SEEN),
    "GET /admin/users": Route(ADMIN),
    "GET /admin/users/new": Route(ADMIN),
    "POST /admin/users": Route(ADMIN, SEEN, lambda ids: forms.person(ids) | {"password": PASSWORD}),
    "GET /admin/users/<user_id>/edit": Route(ADMIN),
    "POST /admin/users/<user_id>/edit": Route(ADMIN, SEEN, forms.person),
    "GET /admin/users/<user_id>/delete": Route(ADMIN),
    "POST /admin/users/<user_id>/delete": Route(ADMIN, SEEN),
    "GET /help/shortcuts": Route(SIGNED_IN),
    "GET /me/appearance": Route(SIGNED_IN),
    "GET /me/profile": Route(SIGNED_IN),
    "POST /me/profile": Route(SIGNED_IN, SEEN, lambda _: {"name": "M", "email": "m@x.test"}),
    "GET /me/security": Route(SIGNED_IN),
    "POST /me/security": Route(
        SIGNED_IN, SEEN, lambda _: {"current": PASSWORD, "password": "a new long sentence"}
    ),
    "GET /me/sessions": Route(SIGNED_IN),
    "POST /me/sessions/<prefix>/delete": Route(SIGNED_IN, SEEN, ids={"prefix": "session"}),
    "POST /me/sessions/delete": Route(SIGNED_IN, SEEN),
    "GET /me/tokens": Route(SIGNED_IN),
    "POST /me/tokens": Route(SIGNED_IN, body=lambda _: {"name": "ci"}),
    "GET /me/tokens/<prefix>/delete": Route(SIGNED_IN, ids={"prefix": "token_prefix"}),
    "POST /me/tokens/<prefix>/delete": Route(SIGNED_IN, SEEN, ids={"prefix": "token_prefix"}),
    "GET /projects": Route(SIGNED_IN),
    "GET /projects/new": Route(CREATE_PROJECT),
    "POST /projects": Route(CREATE_PROJECT, SEEN, lambda _: {"name": "P"}),
    "GET /projects/import": Route(CREATE_PROJECT),
    "POST /projects/import": Route(CREATE_PROJECT, SEEN, forms.backup),
    "POST /projects/import/_preview": Route(CREATE_PROJECT, body=forms.backup),
    "GET /projects/<project_id>/delete": Route(PROJECT),
    "POST /projects/<project_id>/delete": Route(PROJECT, SEEN, ids=IDLE),
}
