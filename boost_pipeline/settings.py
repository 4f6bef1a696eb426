"""Every setting, read from the environment and from `.env`; nothing else reads the environment.

`.env.example` lists the same settings for people; a test holds the two together.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticUseDefault
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from boost_pipeline.errors import SettingsError
from boost_pipeline.redaction import Redactor

REPOSITORY: Final = re.compile(r"(?:https?|file|ssh|git)://[^\s\x00-\x1f]+|[\w.-]+@[\w.-]+:[\w./~-]+")
"""What git is given as the address of repositories: nothing else, as a path or an option might do anything."""
BRANCH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_LONGEST_DAYS: Final = 36_500


def default_jobs() -> int:
    """As many units of work at once as there are cores."""
    return os.cpu_count() or 2


class Settings(BaseSettings):
    """What the operator can choose. Relative paths are relative to the current folder."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    home: Path = Field(Path(".boost"), validation_alias="BOOST_HOME", description="The folder that holds all state.")
    database_url: SecretStr | None = Field(
        None, validation_alias="DATABASE_URL", description="A PostgreSQL 15 or newer; without it an embedded server."
    )
    dagster_database_url: SecretStr | None = Field(
        None,
        validation_alias="BOOST_DAGSTER_DATABASE_URL",
        description="Dagster's own storage; without it the database <name>_dagster beside the warehouse.",
    )
    postgres_bin: Path | None = Field(
        None, validation_alias="BOOST_POSTGRES_BIN", description="The folder with initdb and pg_ctl to use."
    )
    postgres_user: str = Field(
        "boost-pipeline",
        validation_alias="BOOST_POSTGRES_USER",
        description="Started by root, the embedded server runs as this system user; it is created if missing.",
    )
    git_url: str = Field(
        "https://github.com/boostorg",
        validation_alias="BOOST_GIT_URL",
        description="Where the repositories are: <BOOST_GIT_URL>/<repository>.git; file:// works.",
    )
    git_owner: str = Field(
        "boostorg",
        validation_alias="BOOST_GITHUB_OWNER",
        description="The owner of the repositories, as GitHub names it.",
    )
    git_token: SecretStr | None = Field(
        None, validation_alias="BOOST_GIT_TOKEN", description="A token for private mirrors; public ones need none."
    )
    git_jobs: int = Field(
        default_factory=default_jobs,
        ge=1,
        le=64,
        validation_alias="BOOST_GIT_JOBS",
        description="Repositories at once.",
    )
    git_timeout: int = Field(
        3600,
        ge=1,
        le=604_800,
        validation_alias="BOOST_GIT_TIMEOUT",
        description="Seconds that one clone or fetch may take.",
    )
    git_attempts: int = Field(
        3,
        ge=1,
        le=20,
        validation_alias="BOOST_GIT_ATTEMPTS",
        description="How often a host that does not answer is asked.",
    )
    git_sweep_days: int = Field(
        7,
        ge=0,
        le=_LONGEST_DAYS,
        validation_alias="BOOST_GIT_SWEEP_DAYS",
        description="Libraries that the superproject does not report as moved are fetched this often.",
    )
    github_api_url: str = Field(
        "https://api.github.com",
        validation_alias="GITHUB_API_URL",
        description="The REST API; of GitHub Enterprise https://HOST/api/v3. GraphQL is found from it.",
    )
    github_token: SecretStr | None = Field(
        None, validation_alias="GITHUB_TOKEN", description="A token for issues, pull requests and accounts."
    )
    github_scraping_tokens: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        validation_alias="GITHUB_TOKENS_SCRAPING",
        description="More tokens for reading, by comma; each request takes the one with the most budget left.",
    )
    github_write_token: SecretStr | None = Field(
        None, validation_alias="GITHUB_TOKEN_WRITE", description="A token kept for writing; nothing reads with it."
    )
    github_app_id: str | None = Field(
        None, validation_alias="GITHUB_APP_ID", description="A GitHub App in place of tokens, or beside them."
    )
    github_app_installation_id: str | None = Field(
        None, validation_alias="GITHUB_APP_INSTALLATION_ID", description="The installation of the app."
    )
    github_app_private_key: SecretStr | None = Field(
        None, validation_alias="GITHUB_APP_PRIVATE_KEY", description="The app's private key, in PEM."
    )
    github_app_private_key_file: Path | None = Field(
        None, validation_alias="GITHUB_APP_PRIVATE_KEY_FILE", description="The file of the app's private key."
    )
    github_raw_days: int | None = Field(
        90,
        ge=0,
        le=_LONGEST_DAYS,
        validation_alias="BOOST_GITHUB_RAW_DAYS",
        description="How long GitHub's answers are kept, to rebuild tables from; 0 keeps none, empty all for ever.",
    )
    github_points_per_minute: int = Field(
        900,
        ge=1,
        validation_alias="BOOST_GITHUB_POINTS_PER_MINUTE",
        description="Requests in a minute at most; GitHub allows 900.",
    )
    github_jobs: int = Field(
        4,
        ge=1,
        le=16,
        validation_alias="BOOST_GITHUB_JOBS",
        description="Requests at once; GitHub wishes for few, and four make 900 a minute at its usual 0.2 s.",
    )
    github_max_wait_minutes: int = Field(
        65,
        ge=0,
        le=10_080,
        validation_alias="BOOST_GITHUB_MAX_WAIT_MINUTES",
        description="How long a request waits for a spent budget to come back; after that the next run goes on.",
    )
    schedule_file: Path = Field(
        Path("schedule.yaml"), validation_alias="BOOST_COLLECTOR_SCHEDULE_YAML", description="The schedule."
    )
    schedule_strict: bool = Field(
        default=True,
        validation_alias="BOOST_COLLECTOR_SCHEDULE_STRICT",
        description="A missing or broken schedule stops everything; off, it is a warning and nothing is scheduled.",
    )
    release_prereleases: bool = Field(
        default=False,
        validation_alias="BOOST_RELEASE_PRERELEASES",
        description="Betas and release candidates start on_release tasks too.",
    )
    release_check_minutes: int = Field(
        15,
        ge=1,
        le=10_080,
        validation_alias="BOOST_RELEASE_CHECK_MINUTES",
        description="How often the host is asked for new tags of Boost.",
    )
    dashboard_publish_url: SecretStr | None = Field(
        None,
        validation_alias="BOOST_DASHBOARD_PUBLISH_URL",
        description="A git repository that each dashboard is pushed to; without it none is published.",
    )
    dashboard_publish_branch: str = Field(
        "main",
        validation_alias="BOOST_DASHBOARD_PUBLISH_BRANCH",
        description="The branch it goes to, in develop/.",
    )
    graph_level_step: int = Field(
        1,
        ge=0,
        validation_alias="BOOST_GRAPH_LEVEL_STEP",
        description="How much the level of a module may rise from one release to the next without a warning.",
    )
    graph_edge_percent: int = Field(
        20,
        ge=0,
        validation_alias="BOOST_GRAPH_EDGE_PERCENT",
        description="How far, in percent, the number of dependencies may be from that of the release before.",
    )
    web_port: int = Field(
        3000, ge=1, le=65535, validation_alias="BOOST_WEB_PORT", description="Port of the web UI on 127.0.0.1."
    )
    web_url: str = Field(
        default_factory=lambda known: f"http://127.0.0.1:{known.get('web_port')}",
        max_length=500,
        validation_alias="BOOST_WEB_URL",
        description="Where links to runs point; without it the web UI on 127.0.0.1.",
    )
    reports_port: int = Field(
        3001,
        ge=1,
        le=65535,
        validation_alias="BOOST_REPORTS_PORT",
        description="Port on 127.0.0.1 of the dashboard and the reports.",
    )
    reports_url: str = Field(
        default_factory=lambda known: f"http://127.0.0.1:{known.get('reports_port')}",
        max_length=500,
        validation_alias="BOOST_REPORTS_URL",
        description="Where links to reports point; without it BOOST_REPORTS_PORT on 127.0.0.1.",
    )
    slack_webhook_url: SecretStr | None = Field(
        None, validation_alias="SLACK_WEBHOOK_URL", description="A webhook of Slack that failures are told to."
    )
    discord_webhook_url: SecretStr | None = Field(
        None, validation_alias="DISCORD_WEBHOOK_URL", description="A webhook of Discord that failures are told to."
    )
    webhook_url: SecretStr | None = Field(
        None, validation_alias="BOOST_WEBHOOK_URL", description="Any other webhook: it gets failures as JSON."
    )
    log_format: Literal["text", "json"] = Field(
        "text", validation_alias="LOG_FORMAT", description="Log lines for people (text) or for programs (json)."
    )

    @field_validator(
        "database_url",
        "dagster_database_url",
        "git_token",
        "github_token",
        "github_write_token",
        "github_app_id",
        "github_app_installation_id",
        "github_app_private_key",
        "github_app_private_key_file",
        "github_raw_days",
        "dashboard_publish_url",
        "postgres_bin",
        "slack_webhook_url",
        "discord_webhook_url",
        "webhook_url",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("github_scraping_tokens", mode="before")
    @classmethod
    def _by_comma(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("web_url", "reports_url", "github_api_url", mode="before")
    @classmethod
    def _empty_is_default(cls, value: Any) -> Any:
        if value == "":
            raise PydanticUseDefault
        return value

    @field_validator("slack_webhook_url", "discord_webhook_url", "webhook_url", mode="after")
    @classmethod
    def _is_secret_http(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _require_http(value.get_secret_value())
        return value

    @field_validator("github_api_url", "web_url", "reports_url", mode="after")
    @classmethod
    def _is_http(cls, value: str) -> str:
        _require_http(value)
        return value

    @field_validator("git_url", mode="after")
    @classmethod
    def _is_host_of_repositories(cls, value: str) -> str:
        if not REPOSITORY.fullmatch(value):
            raise ValueError("Input should be the address of repositories, such as https://github.com/boostorg")
        return value

    @field_validator("dashboard_publish_url", mode="after")
    @classmethod
    def _is_repository(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not REPOSITORY.fullmatch(value.get_secret_value()):
            raise ValueError("Input should be the address of a repository, such as https://HOST/OWNER/NAME.git")
        return value

    @field_validator("dashboard_publish_branch", mode="after")
    @classmethod
    def _is_branch(cls, value: str) -> str:
        if not BRANCH.fullmatch(value) or ".." in value or value.endswith((".lock", ".")):
            raise ValueError("Input should be the name of a branch, such as main")
        return value

    @field_validator("git_owner", mode="after")
    @classmethod
    def _is_owner(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})", value):
            raise ValueError("Input should be the name of an owner at GitHub, such as boostorg")
        return value

    @field_validator("git_token", "github_token", "github_write_token", "github_scraping_tokens", mode="after")
    @classmethod
    def _is_token(cls, value: Any) -> Any:
        tokens = value if isinstance(value, tuple) else (value,) if value is not None else ()
        for token in tokens:
            if not re.fullmatch(r"\s*[!-~]+\s*", token.get_secret_value()):
                raise ValueError("Input holds characters that no token has; copy it anew")
        return value

    @model_validator(mode="after")
    def _is_whole_app(self) -> Self:
        key = self.github_app_private_key or self.github_app_private_key_file
        parts = [self.github_app_id, self.github_app_installation_id, key]
        if any(parts) and not all(parts):
            raise ValueError(
                "a GitHub App needs GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY or "
                "GITHUB_APP_PRIVATE_KEY_FILE"
            )
        return self

    @field_validator("home", "schedule_file", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("git_url", "github_api_url", "web_url", "reports_url", mode="after")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    def secrets(self) -> list[str]:
        """Return all that must never be logged."""
        values = [getattr(self, name) for name in type(self).model_fields]
        found = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
        return [one.get_secret_value() for one in found if isinstance(one, SecretStr)]

    @property
    def mirrors(self) -> Path:
        """The folder of the bare git mirrors."""
        return self.home / "mirrors"

    @property
    def github_pace(self) -> Path:
        """The file through which the runs of this machine keep GitHub's pace together."""
        return self.home / "github" / "pace"

    @property
    def github_raw(self) -> Path:
        """The folder of GitHub's answers as they came."""
        return self.home / "raw" / "github"

    @property
    def reports(self) -> Path:
        """The folder of the dashboard, the dossiers and the monthly reports."""
        return self.home / "reports"

    @property
    def postgres(self) -> Path:
        """The folder of the embedded PostgreSQL server."""
        return self.home / "postgres"

    @property
    def dagster(self) -> Path:
        """The folder of what Dagster keeps in files: logs of runs."""
        return self.home / "dagster"


def _require_http(url: str) -> None:
    """Raise ValueError, without the URL, as it may be a secret, if it is not one of a web server."""
    try:
        parts = urlsplit(url)
        is_http = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_http = False
    if not is_http or not re.fullmatch(r"[!-~]+", url):
        raise ValueError("Input should be an http(s) URL")


@cache
def redactor() -> Redactor:
    """Return what blots out secrets in this process's logs; it knows those of the settings once they were read."""
    return Redactor()


@cache
def load_settings() -> Settings:
    """Read the settings once for this process.

    Raises:
        SettingsError: a value is not of its form; the value itself is not repeated, as it may be a secret.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        told = error.errors(include_input=False)
        problems = "; ".join(": ".join([*map(str, e["loc"]), e["msg"].removeprefix("Value error, ")]) for e in told)
        raise SettingsError(f"A setting is wrong: {problems}. Mend it in the environment or in .env.") from None
    for secret in settings.secrets():
        redactor().add(secret)
    return settings
