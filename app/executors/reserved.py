"""Names of variables that would change a tool, or the programs around it, instead of its work."""

# What ansible itself sets; the connection variables all begin with ansible_.
MAGIC = frozenset(
    {
        "environment", "group_names", "groups", "hostvars", "inventory_dir", "inventory_file",
        "inventory_hostname", "inventory_hostname_short", "omit", "play_hosts", "playbook_dir",
        "role_name", "role_names", "role_path", "semaphore_vars", "vars",
    }
)  # fmt: skip

# Of a process, in upper case: what the loader, shells and interpreters execute or load, where
# tools find their configuration, and what speaks for the server.
BEGINNINGS = (
    "ANSIBLE_", "BASH_FUNC_", "DOTNET_", "DYLD_", "GCONV_", "GIT_", "GLIBC_", "HELIOGRAPH_", "LD_",
    "NODE_", "PERL5", "PYTHON", "RUBY", "SEMAPHORE_", "TERRAGRUNT_", "TF_CLI_", "TF_DATA_",
    "TF_ENC", "TF_FORCE_", "TF_HTTP_", "TF_LOG", "TF_PLUGIN_", "TF_REATTACH_", "TF_WORKSPACE",
    "TG_", "TOFU_",
)  # fmt: skip
NAMES = frozenset(
    {
        "ALL_PROXY", "BASHOPTS", "BASH_ENV", "BROWSER", "CDPATH", "CURL_CA_BUNDLE", "EDITOR", "ENV",
        "FTP_PROXY", "GLOBIGNORE", "HOME", "HOSTALIASES", "HTTPS_PROXY", "HTTP_PROXY", "IFS",
        "JAVA_TOOL_OPTIONS", "LOCPATH", "LOGNAME", "NLSPATH", "NO_PROXY", "OLDPWD", "PAGER",
        "PATH", "PROMPT_COMMAND", "PS4", "PSMODULEPATH", "PWD", "REQUESTS_CA_BUNDLE", "SHELL",
        "SHELLOPTS", "SSH_AGENT_PID", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_AUTH_SOCK",
        "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "USER", "VISUAL", "_JAVA_OPTIONS",
    }
)  # fmt: skip


def of_ansible(name: str) -> bool:
    """Whether an extra variable says how ansible works, or is one that it sets."""
    return name.startswith("ansible_") or name in MAGIC


def of_process(name: str) -> bool:
    """Whether a variable of the environment is more than data for the script."""
    upper = name.upper()
    return upper.startswith(BEGINNINGS) or upper in NAMES
