"""The embedded servers themselves."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import redis

from siprems_local.account import server_account
from siprems_local.errors import LocalError
from siprems_local.home import CHECKOUT, Home
from siprems_local.ports import choose
from siprems_local.postgres import THROWAWAY, PostgresServer
from siprems_local.processes import identify
from siprems_local.valkey import ValkeyServer
from tests.local.conftest import eventually
from tests.servers import running_postgres, running_valkey

PASSWORD = "a password with ' \" and %"


def _postgres(home: Home, password: str = PASSWORD) -> PostgresServer:
    return PostgresServer(
        home.servers(),
        home.log("postgres"),
        port=choose(),
        password=password,
        account=server_account(),
        settings=THROWAWAY,
    )


def _query(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_postgres_keeps_data_over_death_and_restart(home: Home) -> None:
    server = _postgres(home)
    try:
        server.start()
        assert not server.keep_alive()
        settings = _query(
            server.url("postgres"),
            "SELECT current_setting('server_encoding'), datcollate, current_setting('listen_addresses'),"
            " current_setting('unix_socket_directories') FROM pg_database",
        )
        assert settings[0] == ("UTF8", "C.UTF-8", "127.0.0.1", "")
        server.create_database("shop")
        server.create_database("shop")
        _query(server.url("shop"), "CREATE TABLE product AS SELECT 'é' AS sku")
        server.create_database("copy of/shop", template="shop")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert eventually(lambda: not server.is_running())
        assert eventually(lambda: _comes_back(server))
        assert server.restarts == 1
        assert _query(server.url("copy of/shop"), "SELECT sku FROM product") == [("é",)]
        server.drop_database("copy of/shop")
        server.drop_database("copy of/shop")
    finally:
        server.stop()
    assert server.pid is None


def _comes_back(server: PostgresServer) -> bool:
    try:
        return server.keep_alive()
    except LocalError:
        # A process of the dead one still holds its memory; the launcher tries again, too.
        return False


def test_another_password_is_explained(home: Home) -> None:
    first = _postgres(home)
    first.start()
    first.stop()
    with pytest.raises(LocalError, match=r"restore that file"):
        _postgres(home, "another").start()


def test_a_half_made_cluster_is_made_anew(home: Home) -> None:
    unfinished = home.servers() / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")
    server = _postgres(home)
    server.start()
    server.stop()
    assert not unfinished.exists()


def test_a_stale_pid_file_with_a_living_number_is_no_obstacle(home: Home) -> None:
    server = _postgres(home)
    server.start()
    server.stop()
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        (server.data / "postmaster.pid").write_text(f"{sleeper.pid}\n{server.data}\n")
        server.start()
        server.stop()
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_second_server_on_the_same_data_is_refused(home: Home) -> None:
    server = _postgres(home)
    server.start()
    try:
        with pytest.raises(LocalError, match="is using"):
            _postgres(home).start()
        assert server.answers()
    finally:
        server.stop()


def test_data_of_another_version_is_refused(home: Home) -> None:
    data = home.servers() / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(LocalError, match="PostgreSQL 15"):
        _postgres(home).start()


def test_valkey_keeps_data_and_wants_the_password(home: Home) -> None:
    server = ValkeyServer(
        home.servers(), home.log("valkey"), port=choose(), password="pass-word_1", account=server_account()
    )
    try:
        server.start()
        client = redis.Redis.from_url(server.url(3))
        client.set("key", "value")
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        with socket.create_connection(("127.0.0.1", server.port)) as stranger:
            stranger.sendall(b"PING\r\n")
            assert stranger.recv(100).startswith(b"-NOAUTH")
        server.stop()
        server.start()
        assert redis.Redis.from_url(server.url(3)).get("key") == b"value"
        assert b"pass-word" not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    finally:
        server.stop()


def test_servers_die_with_a_killed_parent(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tests.servers import *\n"
        "with running_postgres(Path(sys.argv[1])) as p, running_valkey(Path(sys.argv[1])) as v:\n"
        "    print(p.pid, v.pid, flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(number) for number in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert eventually(lambda: not any(identify(pid) for pid in pids))


def test_throwaway_servers_leave_no_data(tmp_path: Path) -> None:
    with running_postgres(tmp_path) as postgres, running_valkey(tmp_path) as valkey:
        folders = [postgres.data, valkey.data]
        assert _query(postgres.url("siprems"), "SELECT 1") == [(1,)]
        assert redis.Redis.from_url(valkey.url(15)).ping()
    assert not any(folder.exists() for folder in folders)


@pytest.mark.parametrize("setting", ["POSTGRES_BIN_DIR", "VALKEY_SERVER"])
def test_programs_named_in_settings_have_to_exist(
    setting: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(setting, str(tmp_path / "nothing"))
    with pytest.raises(LocalError, match=setting), running_postgres(tmp_path), running_valkey(tmp_path):
        pass
