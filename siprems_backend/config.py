"""Settings, read once from the environment and `.env`, frozen for the life of the process."""

from __future__ import annotations

from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

WEAK_SECRETS = frozenset({"secret", "changeme", "change-me", "password", "dev", "super-secret", "jwt-secret"})
MINIMUM_SECRET_LENGTH = 32
MINIMUM_TOKEN_LENGTH = 16
# Lines of `.env` that docker-compose.yml, start_worker.sh and the demo shop read and the backend does not.
READ_BY_OTHERS = frozenset(
    {
        "redis_password",
        "flower_basic_auth",
        "flower_address",
        "flower_port",
        "grafana_password",
        "grafana_port",
        "prometheus_port",
        "worker_name",
        "concurrency",
        "queues",
        "max_tasks_per_child",
        "time_limit",
        "soft_time_limit",
        "demo_email",
        "demo_password",
    }
)


class SettingsError(SystemExit):
    """Settings that cannot be used; ends the process with one line per problem."""


class Settings(BaseSettings):
    """Every setting of the backend. Names are the environment's, in lower case."""

    # An empty value is no value: `NAME=` in `.env`, or what docker compose passes on for a variable not set.
    model_config = SettingsConfigDict(
        frozen=True, env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="forbid"
    )

    siprems_env: Literal["production", "development", "test"] = "production"

    database_url: str = ""
    db_host: str = ""
    db_port: int = Field(5432, ge=1, le=65535)
    db_user: str = ""
    db_password: SecretStr = SecretStr("")
    db_name: str = ""
    db_pool_size: int = Field(8, ge=1, le=200)

    redis_url: str = "redis://localhost:6379"
    celery_broker_url: str = ""
    celery_result_backend: str = ""
    cache_url: str = ""

    jwt_secret_key: SecretStr = SecretStr("")
    access_token_minutes: int = Field(15, ge=1, le=1440)
    refresh_token_days: int = Field(30, ge=1, le=365)
    open_registration: bool = True
    login_attempts_per_minute: int = Field(10, ge=1, le=10_000)

    models_dir: Path = Path("models")
    models_meta_dir: Path | None = None
    data_dir: Path = Path("data")
    model_versions_kept: int = Field(3, ge=0, le=50)

    execution_mode: Literal["auto", "celery", "local"] = "auto"
    celery_task_time_limit: int = Field(1800, ge=1)
    celery_task_soft_time_limit: int = Field(1500, ge=1)
    celery_result_expires: int = Field(86_400, ge=60)
    nightly_training_at: time = time(2, 0)
    morning_summary_at: time = time(5, 0)
    training_chunk_size: int = Field(50, ge=1, le=5000)
    forecast_horizon_days: int = Field(28, ge=1, le=365)
    forecast_history_days: int = Field(60, ge=7, le=730)
    forecast_shard_size: int = Field(1000, ge=10, le=50_000)
    finished_tasks_kept_hours: int = Field(48, ge=1)
    audit_kept_days: int = Field(365, ge=1)

    tool_packages: Annotated[tuple[str, ...], NoDecode] = ()
    tool_time_limit: int = Field(900, ge=1)
    tool_cpu_seconds: int = Field(600, ge=1)
    tool_memory_bytes: int = Field(1536 * 1024**2, ge=256 * 1024**2)
    tool_output_bytes: int = Field(1024**3, ge=1024)
    tool_processes: int = Field(64, ge=1)
    task_files_bytes: int = Field(10 * 1024**3, ge=1024)

    pipeline_wait_seconds: int = Field(20, ge=1, le=300)
    pipeline_sync_rows: int = Field(200_000, ge=1)
    pipeline_memory_bytes: int = Field(2 * 1024**3, ge=1024**3)
    pipeline_cache_bytes: int = Field(2 * 1024**3, ge=0)
    pipeline_cache_hours: int = Field(24, ge=1)
    pipeline_models_bytes: int = Field(2 * 1024**3, ge=1024)

    # Where people reach the API, for links in messages; without a slash at its end.
    public_url: str = Field("", pattern=r"^(https?://[!-.0-~]+(/[!-.0-~]+)*/?)?$")
    # Where operators find Flower; the dashboard links to it.
    flower_url: str = Field("", pattern=r"^(https?://[!-.0-~]+(/[!-.0-~]*)*)?$")
    webhook_allow_http: bool = False
    webhook_allow_private: bool = False
    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = ""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"

    allow_negative_stock: bool = False
    max_request_bytes: int = Field(2 * 1024 * 1024, ge=1024)
    max_upload_bytes: int = Field(1024**3, ge=1024)
    max_dataset_bytes: int = Field(1024**3, ge=1024)
    dataset_quota_bytes: int = Field(10 * 1024**3, ge=1024)
    cors_allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    port: int = Field(8000, ge=1, le=65535)
    host: str = "127.0.0.1"
    web_threads: int = Field(8, ge=1, le=256)
    web_workers: int = Field(2, ge=1, le=64)
    live_streams: int = Field(500, ge=0, le=10_000)
    live_streams_per_user: int = Field(50, ge=1, le=10_000)
    trusted_proxies: int = Field(0, ge=0, le=10)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    metrics_token: SecretStr = SecretStr("")
    worker_metrics_port: int = Field(0, ge=0, le=65535)

    @model_validator(mode="before")
    @classmethod
    def _leave_to_others(cls, values: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in values.items() if name not in READ_BY_OTHERS}

    @field_validator("cors_allowed_origins", "tool_packages", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self._derive("database_url", self._database_url())
        self._derive("celery_broker_url", self.celery_broker_url or _redis_database(self.redis_url, 0))
        self._derive(
            "celery_result_backend", self.celery_result_backend or _redis_database(self.redis_url, 1)
        )
        self._derive("cache_url", self.cache_url or _redis_database(self.redis_url, 2))
        self._derive("models_meta_dir", self.models_meta_dir or self.models_dir / "meta")
        if not self.cache_url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("CACHE_URL must start with redis://: limits count for all processes together")
        if self.celery_task_soft_time_limit >= self.celery_task_time_limit:
            raise ValueError("CELERY_TASK_SOFT_TIME_LIMIT must be below CELERY_TASK_TIME_LIMIT")
        if self.tool_output_bytes > self.task_files_bytes:
            raise ValueError("TOOL_OUTPUT_BYTES must not be above TASK_FILES_BYTES, or nothing could be kept")
        self._check_ports()
        self._check_mail()
        self._check_secret()
        self._check_metrics_token()
        return self

    def _check_ports(self) -> None:
        for name in ("database_url", "celery_broker_url", "celery_result_backend", "cache_url"):
            try:
                urlsplit(getattr(self, name)).port  # noqa: B018  Reading it parses it.
            except ValueError:
                raise ValueError(f"{name.upper()} has a host or a port that cannot be read") from None

    def _check_mail(self) -> None:
        if self.smtp_host and "@" not in self.smtp_from:
            raise ValueError("SMTP_FROM must be the address that e-mails come from when SMTP_HOST is set")
        if self.smtp_user and self.smtp_security == "none":
            raise ValueError(
                "SMTP_USER needs SMTP_SECURITY starttls or tls: passwords are never sent in clear"
            )

    def _derive(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _database_url(self) -> str:
        if self.database_url:
            scheme, separator, rest = self.database_url.partition("://")
            if not separator or scheme.split("+")[0] not in {"postgresql", "postgres"}:
                raise ValueError("DATABASE_URL must start with postgresql://")
            return f"postgresql+psycopg2://{rest}"
        if not (self.db_host and self.db_user and self.db_name):
            raise ValueError("set DATABASE_URL, or DB_HOST, DB_USER, DB_PASSWORD and DB_NAME")
        password = quote(self.db_password.get_secret_value(), safe="")
        user = quote(self.db_user, safe="")
        return f"postgresql+psycopg2://{user}:{password}@{self.db_host}:{self.db_port}/{self.db_name}"

    def _check_secret(self) -> None:
        secret = self.jwt_secret_key.get_secret_value()
        advice = "JWT_SECRET_KEY must be set: make one with `openssl rand -hex 32`"
        if not secret:
            raise ValueError(advice)
        weak = len(secret) < MINIMUM_SECRET_LENGTH or secret.lower() in WEAK_SECRETS or len(set(secret)) < 8
        if weak and self.siprems_env == "production":
            raise ValueError(f"{advice} ({MINIMUM_SECRET_LENGTH} characters or more)")

    def _check_metrics_token(self) -> None:
        token = self.metrics_token.get_secret_value()
        if token and len(token) < MINIMUM_TOKEN_LENGTH and self.siprems_env == "production":
            raise ValueError(
                f"METRICS_TOKEN must have {MINIMUM_TOKEN_LENGTH} characters or more: `openssl rand -hex 24`"
            )

    @property
    def meta_dir(self) -> Path:
        """Folder of the models' metadata."""
        return self.models_meta_dir or self.models_dir / "meta"


def _redis_database(url: str, number: int) -> str:
    """The same server with another database number, unless the URL names one and it is the first."""
    base, _, query = url.partition("?")
    head, _, path = base.partition("://")
    server = path.split("/", 1)[0]
    return f"{head}://{server}/{number}" + (f"?{query}" if query else "")


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: with one line per unusable value, and what to set instead.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [_problem_line(problem) for problem in error.errors()]
        raise SettingsError("Settings cannot be used:\n" + "\n".join(f"  {line}" for line in lines)) from None


def _problem_line(problem: object) -> str:
    details = dict(problem) if isinstance(problem, dict) else {}
    name = "_".join(str(part) for part in details.get("loc", ())).upper()
    message = str(details.get("msg", "is not usable")).removeprefix("Value error, ")
    if details.get("type") == "extra_forbidden":
        message = "is not a setting of SIPREMS; remove it from .env or correct its name"
    return f"{name}: {message}" if name else message


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process."""
    return load_settings()
