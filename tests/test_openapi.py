"""The API is what its OpenAPI document says, whatever is sent: schemathesis tries hard to show otherwise.

It runs as its users run it, against a real port: no 5xx, no status, header or content type that is not
documented, no answer that breaks its schema, no way in without a key, nothing used after it was deleted.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from innkeeper.actions import users
from innkeeper.actions.calls import Calls
from innkeeper.domain.users import User
from innkeeper.kit.passwords import Hasher
from innkeeper.kit.vault import Vault, new_key
from innkeeper.store.database import Database, sqlite_url
from innkeeper.store.migrations import migrate
from tests.conftest import SYSTEM
from tests.live import served
from tests.rest import token_of

SETTINGS = Path(__file__).with_name("schemathesis.toml")
# No schema can say which cursor was given out, which group exists, or what is a date or a network.
EXCLUDED = "positive_data_acceptance"
PROGRAM = Path(sys.executable).with_name("schemathesis")


def tried(address: str, token: str, *more: str) -> None:
    command = [str(PROGRAM), "--config-file", str(SETTINGS), "run", f"{address}/api/v1/openapi.json"]
    header = ["-H", f"Authorization: Bearer {token}"]
    checks = ["--checks", "all", "--exclude-checks", EXCLUDED]
    options = ["--seed", "1", "--continue-on-failure", "--no-color", *more]
    done = subprocess.run([*command, *header, *checks, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_derived_from_the_document_holds(calls: Calls, ada: User, tmp_path: Path) -> None:
    """On PostgreSQL, which is the stricter one about text and numbers."""
    with served(calls, tmp_path) as address:
        tried(address, token_of(calls, ada), "--phases", "examples,coverage")


def test_what_is_made_up_and_what_follows_from_it_holds(hasher: Hasher, tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path))
    migrate(database.engine)
    calls = Calls(database, hasher, Vault(new_key()))
    ada = calls.write_now(SYSTEM, users.create, {"username": "ada", "roles": ["site_administrator"]})

    with served(calls, tmp_path) as address:
        tried(address, token_of(calls, ada), "--phases", "fuzzing,stateful", "-n", "5", "--max-time", "20")

    database.close()
