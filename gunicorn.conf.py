"""gunicorn's settings; what is Heliograph's to decide comes from its own configuration."""

from pathlib import Path

from app.lib.hardening import become_undumpable, scrub_environment

become_undumpable()

# gevent patches each worker before it loads the application, so this process must not load it.
from app.config import Config
from app.lib.linux import die_with

settings = Config.load()
scrub_environment()

bind = settings.listen
workers = settings.WEB_CONCURRENCY
worker_class = "gevent"
worker_connections = 5000  # sockets of viewers count; the default of 1000 would shut out requests
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  heartbeats: no disk
timeout = 60
graceful_timeout = 3  # open sockets never end by themselves: pages reconnect
keepalive = 75  # longer than the proxies in front, which reuse connections for 60 seconds
accesslog = None
loglevel = "warning"
control_socket_disable = True  # whoever reaches it commands this server


def post_fork(server, worker):
    """A web process without its master would hold the port against the next one."""
    die_with(server.pid)


def post_worker_init(worker):
    """The application is loaded, and no request is answered yet."""
    worker.wsgi.make_ready()
