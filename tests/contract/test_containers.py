"""What the images and the composition promise, read from their files."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from siprems_backend.config import Settings
from siprems_backend.services.task_registry.kinds import OPTIONAL, Queue
from tests.contract.test_env_example import NAMED

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE_TEXT = (PROJECT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "notifier", "learner", "beat", "flower")
LASTING = sorted(set(SERVICES) - {"migrate"})
# ${NAME}, ${NAME:-default}, ${NAME:?what to do}
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")


def stages() -> dict[str, list[list[str]]]:
    """The instructions of the Dockerfile by stage, each as [instruction, rest]."""
    text = (PROJECT / "Dockerfile").read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found: dict[str, list[list[str]]] = {}
    name = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        instruction, rest = line.split(None, 1)
        if instruction == "FROM":
            name = rest.split()[-1]
            found[name] = []
        found.setdefault(name, []).append([instruction, rest])
    return found


STAGES = stages()


def lineage(stage: str) -> list[list[str]]:
    """The instructions of a stage and of those it is made from."""
    own = STAGES[stage]
    base = own[0][1].split()[0]
    return (lineage(base) if base in STAGES else []) + own


def last(stage: str, instruction: str) -> str:
    return [rest for name, rest in lineage(stage) if name == instruction][-1]


def test_services_and_volumes() -> None:
    needed = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert needed == {"migrate", "web", "worker", "notifier", "beat", "flower", "db", "redis"}
    assert set(SERVICES) - needed == {"prometheus", "grafana", "learner"}
    kept = {"pgdata", "redis_data", "models_volume", "data_volume", "prometheus_data", "grafana_data"}
    assert set(COMPOSE["volumes"]) == kept
    assert SERVICES["db"]["volumes"] == ["pgdata:/var/lib/postgresql"]
    assert SERVICES["redis"]["volumes"] == ["redis_data:/data"]


def test_web_and_workers_share_models_and_data() -> None:
    mounts = {tuple(SERVICES[name]["volumes"]) for name in OURS}
    assert mounts == {("models_volume:/var/lib/siprems/models", "data_volume:/var/lib/siprems/data")}
    environment = last("web", "ENV")
    assert "HOST=0.0.0.0" in environment
    inherited = " ".join(rest for name, rest in lineage("worker") if name == "ENV")
    assert "MODELS_DIR=/var/lib/siprems/models" in inherited
    assert "DATA_DIR=/var/lib/siprems/data" in inherited


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert "privileged" not in service
    assert any(mount.startswith("/tmp") for mount in service["tmpfs"])
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service.get("user") not in {"root", "0"}


@pytest.mark.parametrize("name", LASTING)
def test_every_service_is_watched_and_restarted(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    checked_by_image = name in {"worker", "notifier", "learner"} and last("worker", "HEALTHCHECK")
    assert checked_by_image or SERVICES[name]["healthcheck"]["test"]


def test_only_web_is_published_and_pages_for_operators_on_this_machine() -> None:
    pages = {"flower", "prometheus", "grafana"}
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"} | pages
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert outside == {"web", "notifier"} | pages
    assert SERVICES["flower"]["ports"] == ["127.0.0.1:${FLOWER_PORT:-5555}:5555"]
    assert all(SERVICES[name]["ports"][0].startswith("127.0.0.1:") for name in pages)


def test_monitoring_is_made_of_the_files_in_the_project() -> None:
    mounted = [mount for name in ("prometheus", "grafana") for mount in SERVICES[name]["volumes"]]
    files = [mount.split(":") for mount in mounted if mount.startswith("./")]
    assert len(files) == 5
    assert all((PROJECT / source).is_file() and mode == "ro" for source, _, mode in files)
    # Compose asks for the variables of a profile that is not used, so these check theirs themselves.
    for name, variable in (("prometheus", "METRICS_TOKEN"), ("grafana", "GF_SECURITY_ADMIN_PASSWORD")):
        assert SERVICES[name]["entrypoint"] == ["/bin/sh", "-c"]
        script = SERVICES[name]["command"][0].replace("$$", "$")
        refused = subprocess.run(["sh", "-c", script], env={}, capture_output=True, text=True, check=False)
        assert refused.returncode != 0
        assert f"{variable}: set " in refused.stderr


def test_prometheus_finds_web_and_every_worker() -> None:
    jobs = yaml.safe_load((PROJECT / "monitoring" / "prometheus.yml").read_text())["scrape_configs"]
    found = {job["dns_sd_configs"][0]["names"][0]: job["dns_sd_configs"][0]["port"] for job in jobs}
    ports = {"web": "PORT", "worker": "WORKER_METRICS_PORT"}
    assert found == {name: int(SERVICES[name]["environment"][port]) for name, port in ports.items()}
    script = SERVICES["prometheus"]["command"][0]
    assert all(job["authorization"]["credentials_file"] in script for job in jobs)


def test_tables_are_made_before_anything_uses_them() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["command"] == ["flask", "siprems", "migrate"]
    for name in ("web", "worker", "notifier", "learner", "beat"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"] == {"condition": "service_completed_successfully"}
        assert needs["db"] == needs["redis"] == {"condition": "service_healthy"}


def test_what_calls_the_world_outside_is_apart_from_what_works() -> None:
    queues = {name: SERVICES[name]["environment"]["QUEUES"] for name in ("worker", "notifier")}
    assert queues["notifier"] == Queue.NOTIFICATIONS
    others = [queue for queue in Queue if queue not in {Queue.NOTIFICATIONS, *OPTIONAL}]
    assert queues["worker"] == f"${{QUEUES:-{','.join(others)}}}"
    assert SERVICES["worker"]["networks"] == ["inside"]


def test_one_beat_and_any_number_of_workers() -> None:
    assert SERVICES["beat"]["deploy"]["replicas"] == 1
    assert not any("container_name" in service for service in SERVICES.values())
    for role in ("worker", "beat", "flower"):
        assert SERVICES[role]["command"] == ["./start_worker.sh", role]
        assert SERVICES[role]["build"]["target"] == "worker"
    assert SERVICES["web"]["build"]["target"] == "web"


def test_the_broker_keeps_what_it_is_given() -> None:
    command = SERVICES["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--requirepass"].startswith("${REDIS_PASSWORD:?")


def test_the_database_sorts_alike_everywhere() -> None:
    environment = SERVICES["db"]["environment"]
    assert SERVICES["db"]["image"] == "postgres:18"
    assert "--locale=C.UTF-8" in shlex.split(environment["POSTGRES_INITDB_ARGS"])
    assert environment["POSTGRES_PASSWORD"].startswith("${DB_PASSWORD:?")


def test_secrets_are_required_and_say_what_to_do() -> None:
    used: dict[str, set[str]] = {}
    for name, operator, text in VARIABLE.findall(COMPOSE_TEXT):
        used.setdefault(name, set()).add(operator)
        if operator == "?":
            assert "set it in .env" in text
    secrets = {"DB_PASSWORD", "REDIS_PASSWORD", "JWT_SECRET_KEY", "FLOWER_BASIC_AUTH"}
    assert {name for name, operators in used.items() if operators == {"?"}} == secrets
    # Everything else has a default, so that `docker compose` never warns of an empty variable.
    assert all(operators == {"-"} for name, operators in used.items() if name not in secrets)
    assert set(used) <= set(NAMED)


def test_every_setting_reaches_the_containers() -> None:
    passed = set(SERVICES["web"]["environment"])
    # Made from others, or given by the image and the composition themselves.
    made = {"DATABASE_URL", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CACHE_URL", "MODELS_META_DIR"}
    by_image = {"MODELS_DIR", "DATA_DIR"}
    assert passed | made | by_image == {name.upper() for name in Settings.model_fields}


def test_defaults_are_those_of_the_settings() -> None:
    fixed = {"DB_USER", "DB_NAME"}
    for name, operator, default in VARIABLE.findall(COMPOSE_TEXT):
        field = Settings.model_fields.get(name.lower())
        if operator != "-" or field is None or name in fixed:
            continue
        assert default == NAMED[name], f"{name} in docker-compose.yml differs from .env.example"


@pytest.mark.parametrize(
    ("target", "lock"), [("web", "requirements-web.txt"), ("worker", "requirements.txt")]
)
def test_images_carry_their_own_lock_only(target: str, lock: str) -> None:
    packages = f"{target}-packages"
    assert ["COPY", f"--from={packages} /opt/venv /opt/venv"] in STAGES[target]
    copied = [rest for name, rest in STAGES[packages] if name == "COPY"]
    assert copied == [f"{lock} ."]
    install = last(packages, "RUN")
    assert f"--only-binary=:all: --no-deps --require-hashes -r {lock}" in install
    assert "--hash=sha256:" in (PROJECT / lock).read_text()


def test_networks_are_trained_in_an_image_of_their_own() -> None:
    assert SERVICES["learner"]["environment"]["QUEUES"].split(",") == [
        queue for queue in Queue if queue in OPTIONAL
    ]
    assert SERVICES["learner"]["build"]["target"] == "learner"
    assert ["COPY", "--from=learner-packages /opt/venv /opt/venv"] in STAGES["learner"]
    for name in ("torch", "tensorflow"):
        pins = {
            line for line in (PROJECT / f"requirements-{name}.txt").read_text().splitlines() if "==" in line
        }
        shared = {pin.split("==")[0]: pin for pin in pins}
        locked = (PROJECT / "requirements.txt").read_text()
        for package, pin in shared.items():
            assert pin in locked or f"\n{package}==" not in locked, f"{pin} is another one in the lock"


@pytest.mark.parametrize("target", ["web", "worker", "learner"])
def test_images_run_as_nobody_special_and_take_signals(target: str) -> None:
    assert last(target, "USER") == "siprems"
    assert "useradd --system --uid 10001" in " ".join(rest for name, rest in lineage(target) if name == "RUN")
    # The exec form: a shell in between would keep SIGTERM to itself.
    command = json.loads(last(target, "CMD"))
    assert command[0] in {"gunicorn", "./start_worker.sh"}
    assert not any(name == "ENTRYPOINT" for name, _ in lineage(target))
    variables = " ".join(rest for name, rest in lineage(target) if name == "ENV")
    assert "PYTHONDONTWRITEBYTECODE=1" in variables
    assert "HEALTHCHECK" in {name for name, _ in lineage(target)}
    assert not re.search(r"(SECRET|PASSWORD)\w*=", variables)


def test_the_build_sees_no_secrets_and_all_it_copies() -> None:
    allowed = {
        line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    assert (PROJECT / ".dockerignore").read_text().splitlines()[1] == "*"
    assert not {".env", ".siprems", ".git", ".venv", "."} & allowed
    copied = {
        source
        for instructions in STAGES.values()
        for name, rest in instructions
        if name == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    }
    assert copied == allowed
    assert all((PROJECT / source).exists() for source in copied)


def test_python_that_the_packages_support() -> None:
    version = re.search(r"^ARG PYTHON=(\d+)\.(\d+)-slim$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
    assert version is not None
    assert (3, 11) <= (int(version[1]), int(version[2])) <= (3, 13)


def test_web_starts_with_its_own_packages(environment: dict[str, str]) -> None:
    """The web process must not need what only the worker image carries."""
    web, worker = (_packages(PROJECT / name) for name in ("requirements-web.txt", "requirements.txt"))
    missing = worker - web
    assert {"pandas", "prophet", "pyarrow"} <= missing
    code = f"""
import importlib.metadata, sys
missing = {sorted(missing)!r}
modules = set()
for module, names in importlib.metadata.packages_distributions().items():
    if all(name.lower().replace("_", "-") in missing for name in names):
        modules.add(module)

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in modules:
            raise ModuleNotFoundError(f"{{name}} is not in the web image", name=name)

sys.meta_path.insert(0, NotInstalled())
from siprems_backend.wsgi import app
assert "pandas" in modules
assert app.test_client().get("/health/live").status_code == 200
assert app.test_client().get("/openapi.json").status_code == 200
from siprems_backend.services.tool_runner import registry
assert "forecast_accuracy" in registry.tools()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def _packages(lock: Path) -> set[str]:
    return {
        match[1].lower() for match in re.finditer(r"^([A-Za-z0-9._-]+)==", lock.read_text(), re.MULTILINE)
    }
