"""The settings of runs: how many at once, how long, what their programs may see, what is kept."""

from dataclasses import dataclass

from app.lib.settings import one_of, setting, within


@dataclass(frozen=True)
class TaskSettings:
    """A part of Config; each setting is read and checked there."""

    MAX_PARALLEL_TASKS: int = setting(
        9999, "SEMAPHORE_MAX_PARALLEL_TASKS", key="max_parallel_tasks",
        doc="Tasks that may be active at once on the whole server",
    )  # fmt: skip
    MAX_TASK_DURATION_SEC: int = setting(
        0, "SEMAPHORE_MAX_TASK_DURATION_SEC", key="max_task_duration_sec",
        doc="Seconds after which a task is ended as failed; 0: never",
    )  # fmt: skip
    WORKER_SLOTS: int = setting(
        0, "HELIOGRAPH_WORKER_SLOTS",
        doc="Tasks one worker runs at once; 0: by memory, at most 2 per core plus 2",
    )  # fmt: skip
    STOP_GRACE: int = setting(
        12, "HELIOGRAPH_STOP_GRACE", doc="Seconds between SIGTERM and SIGKILL of a stopped task"
    )
    APPROVAL_TIMEOUT: int = setting(
        86400,
        "HELIOGRAPH_APPROVAL_TIMEOUT",
        doc="Seconds after which a plan that nobody approved is rejected; 0: never",
    )
    SHUTDOWN_GRACE: int = setting(
        20, "HELIOGRAPH_SHUTDOWN_GRACE", doc="Seconds running tasks get when a worker shuts down"
    )
    APPS: dict[str, str] = setting(
        {}, "SEMAPHORE_APPS", key="apps",
        doc="Apps besides the built-in ones, or changes of these, as a JSON object by their id",
    )  # fmt: skip
    ENV_VARS: dict[str, str] = setting(
        {}, "SEMAPHORE_ENV_VARS", key="env_vars",
        doc="Variables given to every task and to git, as a JSON object",
    )  # fmt: skip
    FORWARDED_ENV_VARS: list[str] = setting(
        [], "SEMAPHORE_FORWARDED_ENV_VARS", key="forwarded_env_vars",
        doc="Names of the server's variables that every task and git receive, as a JSON list",
    )  # fmt: skip
    GIT_CLIENT: str = setting(
        "cmd_git", "SEMAPHORE_GIT_CLIENT", key="git_client",
        doc="cmd_git or go_git; both mean the system's git",
    )  # fmt: skip
    GIT_ATTEMPTS: int = setting(
        4, "SEMAPHORE_GIT_ATTEMPTS", key="git_attempts", doc="Tries of a fetch on network errors"
    )
    SSH_HOST_KEYS: str = setting(
        "accept-new", "SEMAPHORE_SSH_STRICT_HOST_KEY_CHECKING",
        key="ssh.strict_host_key_checking", check=one_of("accept-new", "yes", "no"),
        doc="ssh host keys: accept-new remembers the first, yes wants pinned ones, no checks none",
    )  # fmt: skip
    LOCAL_REPOSITORIES: list[str] = setting(
        ["/"], "HELIOGRAPH_LOCAL_REPOSITORIES",
        doc="Directories below which local repositories may lie, as a JSON list",
    )  # fmt: skip
    TASK_ISOLATION: str = setting(
        "auto", "TASK_ISOLATION", "HELIOGRAPH_TASK_ISOLATION", key="task_isolation",
        check=one_of("auto", "required", "off"),
        doc="Keep tasks from the server: auto as far as the kernel can, required or none runs, off",
    )  # fmt: skip
    TASK_USER: str = setting(
        "", "TASK_USER", "HELIOGRAPH_TASK_USER", key="task_user",
        doc="User of the machine that tasks run as, where the worker is root; default: its own",
    )  # fmt: skip
    TASK_HIDDEN: list[str] = setting(
        [], "TASK_HIDDEN", "HELIOGRAPH_TASK_HIDDEN", key="task_hidden",
        doc="Paths that no task may read, besides the server's own, as a JSON list",
    )  # fmt: skip
    TASK_WRITABLE: list[str] = setting(
        [], "TASK_WRITABLE", "HELIOGRAPH_TASK_WRITABLE", key="task_writable",
        doc="Directories that tasks may write, besides their own, as a JSON list",
    )  # fmt: skip
    MAX_TASKS_PER_TEMPLATE: int = setting(
        0, "SEMAPHORE_MAX_TASKS_PER_TEMPLATE", key="max_tasks_per_template",
        doc="Finished runs kept of each template; older ones are deleted with their logs; 0: all",
    )  # fmt: skip
    KEEP_RUNS_DAYS: int = setting(
        0, "HELIOGRAPH_KEEP_RUNS_DAYS", key="keep_runs_days",
        doc="Days after which finished runs are deleted with their logs; 0: never",
    )  # fmt: skip
    KEEP_LOGS_DAYS: int = setting(
        0, "HELIOGRAPH_KEEP_LOGS_DAYS", key="keep_logs_days",
        doc="Days after which the logs of finished runs are deleted, the runs kept; 0: never",
    )  # fmt: skip
    KEEP_LOGS_MB: int = setting(
        0, "HELIOGRAPH_KEEP_LOGS_MB", key="keep_logs_mb",
        doc="Megabytes that all logs may take in the database; the oldest go first; 0: no limit",
    )  # fmt: skip
    ARTIFACTS_MB: int = setting(
        20, "HELIOGRAPH_ARTIFACTS_MB", key="artifacts_mb",
        doc="Megabytes of files that a run may leave to be kept as its artifacts; 0: none are kept",
    )  # fmt: skip
    ARTIFACTS_TOTAL_MB: int = setting(
        10_000, "HELIOGRAPH_ARTIFACTS_TOTAL_MB", key="artifacts_total_mb",
        doc="Megabytes that the artifacts of all runs may take; the oldest go first; 0: no limit",
    )  # fmt: skip
    STATE_MB: int = setting(
        8, "HELIOGRAPH_STATE_MB", key="state_mb", check=within(1, 16),
        doc="Megabytes that a Terraform state kept by this server may have",
    )  # fmt: skip
    STATE_VERSIONS: int = setting(
        50, "HELIOGRAPH_STATE_VERSIONS", key="state_versions", check=within(1, 10_000),
        doc="Versions kept of the Terraform state of each workspace; the oldest go first",
    )  # fmt: skip
    TASK_WEB_HOST: str = setting(
        "", "HELIOGRAPH_TASK_WEB_HOST", key="task_web_host",
        doc="Address at which runs reach this server, where it is another than the public one",
    )  # fmt: skip
    MIN_FREE_MB: int = setting(
        200, "HELIOGRAPH_MIN_FREE_MB",
        doc="Megabytes that must be free in the data directory before a run starts",
    )  # fmt: skip
