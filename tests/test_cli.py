"""The `innkeeper` command against a live server: what it prints, and the exit codes that scripts rely on."""

import csv
import io
import json
import os
import pty
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from innkeeper.interfaces.cli.fields import EMPTIED
from tests import commands
from tests.commands import Done
from tests.postgresql import free_port
from tests.servers import COMMAND, Node, environment
from tests.test_client import KEY

Run = Callable[..., Done]


@pytest.fixture(scope="module")
def reach(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which commands find a server of their own, as Ada."""
    node = Node(tmp_path_factory.mktemp("cli") / "data")
    key = node.init()
    yield {**environment(), "INNKEEPER_API_KEY": key, "INNKEEPER_SERVER": node.start().http}
    assert node.stop() == 0


@pytest.fixture(scope="module")
def run(reach: dict[str, str]) -> Run:
    def run(*arguments: str, given: str = "", **other: str) -> Done:
        return commands.run(arguments, {**reach, **other}, given=given)

    return run


@pytest.fixture(scope="module")
def at_terminal(reach: dict[str, str]) -> Run:
    """Run a command with someone at a terminal, who types these lines."""

    def run(*arguments: str, typed: str) -> Done:
        ours, theirs = pty.openpty()
        os.write(ours, typed.encode())
        try:
            return commands.run_reading(Path(os.ttyname(theirs)), arguments, reach)
        finally:
            os.close(ours)
            os.close(theirs)

    return run


def done(process: Done) -> str:
    assert process.returncode == 0, process.stderr
    return process.stdout


def refused(process: Done) -> str:
    assert process.returncode == 1, process.stdout
    lines = process.stderr.strip().splitlines()
    assert len(lines) == 1, process.stderr
    assert lines[0].startswith("innkeeper: ")
    return lines[0]


def json_of(process: Done) -> Any:
    return json.loads(done(process))


def test_a_process_of_its_own_answers_the_same(reach: dict[str, str], run: Run) -> None:
    """The other tests save the time that a fresh Python takes to start."""
    for arguments in (("settings", "show"), ("users", "show", "nobody"), ("users", "create")):
        command = [*COMMAND, *arguments]
        fresh = subprocess.run(command, capture_output=True, text=True, check=False, env=reach)
        forked = run(*arguments)

        assert (fresh.returncode, fresh.stdout) == (forked.returncode, forked.stdout)
        assert fresh.stderr.splitlines()[-1:] == forked.stderr.splitlines()[-1:]


def test_a_user_by_name_from_beginning_to_end(run: Run) -> None:
    flags = ("--name", "Ina Ström", "--tag", "a", "--tag", "b", "--grant", "/ina:full", "--ssh-key", KEY)
    made = json_of(run("--output", "json", "users", "create", "ina", *flags))
    edited = json.loads(
        done(
            run(
                "--output",
                "json",
                "users",
                "edit",
                "ina",
                "--company",
                "Co",
                "--access-expires-at",
                "2031-01-31",
            )
        )
    )
    cleared = json_of(run("--output", "json", "users", "edit", "ina", "--access-expires-at", ""))
    suspended = json_of(run("--output", "json", "users", "suspend", "INA", "--reason", "left"))
    done(run("users", "reactivate", "ina"))
    done(run("users", "reset-password", "ina", given="a brand new password\n"))
    done(run("users", "unlock", "ina"))
    copy = json.loads(
        done(run("--output", "json", "users", "clone", "ina", "ina2", "--email", "i2@example.com"))
    )
    done(run("users", "delete", "ina"))
    done(run("users", "restore", made["id"]))

    assert (made["name"], made["tags"], made["grants"]) == ("Ina Ström", ["a", "b"], ["/ina:full"])
    assert (edited["company"], edited["access_expires_at"][:10]) == ("Co", "2031-02-01")
    assert cleared["access_expires_at"] is None
    assert (suspended["status"], copy["email"], copy["ssh_keys"]) == ("suspended", "i2@example.com", [])
    assert "Ina Ström" in done(run("users", "show", "ina"))


def test_passwords_by_chance_by_link_and_from_elsewhere(run: Run) -> None:
    done(run("users", "create", "pia", "--email", "pia@example.com"))
    signup = ("--authentication-method", "email_signup")
    eve = json_of(run("--output", "json", "users", "create", "evi", "--email", "e@example.com", *signup))
    foreign = "$2b$04$awM5kkQb4fgt4PjKaj5TdeFVhFmgg4AEd9ayVfK1cCK2GPMHaxVJK"
    flags = ("--authentication-method", "password_with_imported_hash", "--imported-password-hash-stdin")
    imported = json_of(run("--output", "json", "users", "create", "iris", *flags, given=foreign + "\n"))

    made = json_of(run("--output", "json", "users", "generate-password", "pia", "--keep"))
    pia = json_of(run("--output", "json", "users", "show", "pia"))
    done(run("users", "send-password-link", "pia"))
    done(run("users", "invite", "evi"))

    assert len(made["password"]) > 20
    assert (pia["has_password"], pia["require_password_change"]) == (True, False)
    assert (eve["status"], imported["has_password"]) == ("invited", True)
    assert "does not wait for an invitation" in refused(run("users", "invite", "pia"))
    assert "cannot get a link" in refused(run("users", "send-password-link", "iris"))
    assert "standard input was empty" in run("users", "create", "x", *flags, given="").stderr


def test_three_forms_of_a_list(run: Run) -> None:
    done(run("users", "create", "formula", "--name", "=1+1"))

    table = done(run("users", "list", "--text", "formula"))
    documents = json_of(run("--output", "json", "users", "list", "--text", "formula"))
    rows = list(
        csv.DictReader(io.StringIO(done(run("--output", "csv", "users", "list", "--text", "formula"))))
    )

    assert table.splitlines()[0].startswith("USERNAME")
    assert "=1+1" in table
    assert [user["name"] for user in documents] == ["=1+1"]
    assert [row["name"] for row in rows] == ["'=1+1"]


def test_fields_are_emptied(run: Run) -> None:
    lists = ("--tag", "a", "--allowed-ip", "192.0.2.7", "--protocol", "web", "--grant", "/eva:read")
    more = ("--require-2fa", "--password-validity-days", "30", "--access-expires-at", "2031-01-31")
    made = json_of(run("--output", "json", "users", "create", "eva", *lists, *more, "--company", "Co"))
    clear = ("tag", "allowed-ips", "protocol", "require-2fa", "password-validity-days", "access-expires-at")

    flags = [word for field in (*clear, "grant", "company") for word in ("--clear", field)]
    edited = json_of(run("--output", "json", "users", "edit", "eva", *flags, "--name", "Eva"))

    assert (made["require_2fa"], made["password_validity_days"], made["protocols"]) == (True, 30, ["web"])
    assert (made["tags"], made["grants"], made["allowed_ips"]) == (["a"], ["/eva:read"], ["192.0.2.7/32"])
    assert (edited["require_2fa"], edited["password_validity_days"], edited["protocols"]) == (None,) * 3
    assert (edited["tags"], edited["grants"], edited["allowed_ips"]) == ([], [], [])
    assert (edited["access_expires_at"], edited["company"], edited["name"]) == (None, "", "Eva")


def test_every_field_that_can_be_emptied_is(run: Run) -> None:
    done(run("users", "create", "emil"))

    emptied = json_of(run("--output", "json", "users", "edit", "emil", *every_clear_flag()))

    assert {emptied[name] for name in ("name", "email", "notes", "language", "time_zone")} == {""}
    assert (emptied["user_root"], emptied["attributes"], emptied["roles"]) == ("/", {}, [])


def every_clear_flag() -> list[str]:
    return [word for field in EMPTIED for word in ("--clear", field.replace("_", "-"))]


def test_a_clone_starts_without_what_is_emptied(run: Run) -> None:
    done(run("users", "create", "model", "--tag", "a", "--company", "Co"))

    copy = json_of(run("--output", "json", "users", "clone", "model", "copy", "--clear", "tag"))

    assert (copy["tags"], copy["company"]) == ([], "Co")


def test_a_group_is_free_of_its_limits_again(run: Run) -> None:
    limits = ("--protocol", "web", "--allowed-ip", "192.0.2.0/24")
    made = json_of(run("--output", "json", "groups", "create", "Limited", *limits))

    clear = ("--clear", "protocol", "--clear", "allowed-ip")
    free = json_of(run("--output", "json", "groups", "edit", "limited", *clear))

    assert (made["protocols"], made["allowed_ips"]) == (["web"], ["192.0.2.0/24"])
    assert (free["protocols"], free["allowed_ips"]) == (None, [])


def test_help_says_how_to_empty_a_field(run: Run) -> None:
    said = " ".join(done(run("users", "edit", "--help", COLUMNS="200")).split())

    assert "--clear tag leaves none" in said
    assert "--clear require-2fa" in said


def test_groups_folders_and_grants(run: Run) -> None:
    done(run("users", "create", "gil"))
    done(run("groups", "create", "Crew", "--notes", "all hands"))
    done(run("groups", "create", "Inner"))
    done(run("groups", "add-member", "crew", "gil", "--admin"))
    done(run("groups", "add-member", "Crew", "Inner", "--nested"))
    done(run("groups", "edit", "Crew", "--notes", "some hands"))
    done(run("folders", "create", "/crew", "--fenced"))
    done(run("folders", "edit", "/crew", "--open"))
    grant = json.loads(
        done(run("--output", "json", "grants", "add", "/crew", "read", "--group", "Crew", "--only"))
    )

    members = json_of(run("--output", "json", "groups", "members", "Crew"))
    assert {entry["member_kind"] for entry in members} == {"user", "group"}
    assert "some hands" in done(run("groups", "show", "Crew"))
    assert "/crew" in done(run("folders", "list"))
    assert grant["id"] in done(run("grants", "list", "--group", "Crew"))
    done(run("grants", "remove", grant["id"]))
    done(run("groups", "remove-member", "Crew", "gil"))
    done(run("groups", "remove-member", "Crew", "Inner", "--nested"))
    done(run("folders", "delete", "/crew"))
    done(run("groups", "delete", "Inner"))
    assert "Crew" in done(run("groups", "list", "--text", "cre"))


def test_keys_sessions_events_and_settings(run: Run, tmp_path: Path) -> None:
    done(run("users", "create", "kim"))
    file = tmp_path / "kim.pub"
    file.write_text(KEY)
    key = json_of(run("--output", "json", "ssh-keys", "add", "kim", str(file), "--label", "laptop"))
    token = json_of(run("--output", "json", "api-keys", "create", "kim", "script", "--read-only"))

    mine = {"INNKEEPER_API_KEY": token["token"]}
    assert "kim" in done(run("whoami", **mine))
    assert "may only read" in refused(run("users", "edit", "kim", "--name", "Kim", **mine))
    assert key["fingerprint"] in done(run("ssh-keys", "list", "--user", "kim"))
    assert token["prefix"] in done(run("api-keys", "list", "--user", "kim"))
    assert token["token"] not in done(run("api-keys", "list", "--user", "kim"))
    assert "ssh_key.added" in done(run("events", "list", "--user", "kim", "--limit", "5"))
    done(run("ssh-keys", "remove", key["id"]))
    done(run("api-keys", "revoke", token["id"]))
    done(run("sessions", "list"))
    done(run("connections", "list"))
    done(run("settings", "edit", "site_name=Our files", "lockout_minutes=20"))
    done(run("settings", "edit", 'require_2fa_roles=["site_administrator"]', "two_factor_grace_days=3"))
    shown = done(run("settings", "show"))
    assert "Our files" in shown
    assert re.search(r"^require_2fa_roles +site_administrator$", shown, re.MULTILINE)
    assert re.search(r"^require_2fa_ends_at +-$", shown, re.MULTILINE)


def test_an_import_shows_applies_and_returns_what_failed(run: Run, tmp_path: Path) -> None:
    file, failed = tmp_path / "people.csv", tmp_path / "failed.csv"
    file.write_text("username,email\nnew1,new1@example.com\nnew 2,new2@example.com\n")

    shown = done(run("import", str(file), "--plan"))
    nothing = json_of(run("--output", "json", "users", "list", "--text", "new1"))
    applied = run("import", str(file), "--apply", "--failed-rows", str(failed))
    again = json_of(run("--output", "json", "import", str(file), "--plan"))

    assert "row 3" in shown
    assert "username" in shown
    assert nothing == []
    assert "1 of 2 rows were not applied" in refused(applied)
    assert "applied" in applied.stdout
    assert "reason" in failed.read_text()
    assert again["counts"]["unchanged"] == 1
    assert again["id"] in done(run("plans", "list"))
    assert "new1" in done(run("plans", "changes", again["id"], "--verdict", "unchanged"))
    assert "planned" in done(run("plans", "show", again["id"]))
    assert done(run("import-template")).startswith("username,")


def test_a_plan_is_applied_later(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "later.csv"
    file.write_text("username\nlater1\n")
    plan = json_of(run("--output", "json", "import", str(file), "--plan"))

    assert "applied" in done(run("plans", "apply", plan["id"]))
    assert "later1" in done(run("users", "list", "--text", "later1"))


def test_an_import_of_bad_files_is_one_line(run: Run, tmp_path: Path) -> None:
    unknown = tmp_path / "unknown.csv"
    unknown.write_text("username,emial\nx,x@example.com\n")
    empty = tmp_path / "empty.csv"
    empty.write_text("")

    assert "emial" in refused(run("import", str(unknown), "--plan"))
    assert done(run("import", str(unknown), "--plan", "--ignore-unknown-columns"))
    assert "empty" in refused(run("import", str(empty), "--plan"))
    assert "missing.csv" in refused(run("import", str(tmp_path / "missing.csv"), "--plan"))


def test_rows_come_as_json_with_what_failed_and_why(run: Run, tmp_path: Path) -> None:
    done(run("users", "create", "rows1", "--company", "Co"))
    done(run("users", "create", "rows2"))
    file = tmp_path / "rows.csv"
    file.write_text("username,company\nrows1,Co\nrows2,Co\nrows 3,Co\nrows4,Co\n")

    planned = json_of(run("--output", "json", "import", str(file), "--plan"))
    process = run("--output", "json", "import", str(file), "--apply")
    table = list(csv.DictReader(io.StringIO(done(run("--output", "csv", "import", str(file), "--plan")))))

    assert [(row["row_number"], row["verdict"]) for row in planned["rows"]] == [
        (3, "changed"),
        (4, "invalid"),
        (5, "new"),
    ]
    assert planned["rows"][0]["after"] == {"company": "Co"}
    assert "username: 'rows 3'" in planned["rows"][1]["reason"]
    assert "1 of 4 rows were not applied" in refused(process)
    applied = json.loads(process.stdout)
    assert applied["state"] == "applied"
    assert [row["outcome"] for row in applied["rows"]] == ["applied", "none", "applied"]
    assert [row["target_name"] for row in table] == ["rows 3"]


def test_what_was_refused_at_the_end_is_shown_with_its_reason(run: Run, tmp_path: Path) -> None:
    done(run("groups", "create", "Fleeting"))
    file = tmp_path / "refused.csv"
    file.write_text("username,groups\nref1,Fleeting\nref2,\n")
    plan = json_of(run("--output", "json", "import", str(file), "--plan"))
    done(run("groups", "delete", "Fleeting"))

    applied = run("plans", "apply", plan["id"])

    assert "1 of 2 rows were not applied" in refused(applied)
    assert "row 2, refused ref1: groups: 'Fleeting'" in applied.stdout
    assert "row 3, new ref2" in applied.stdout
    assert "new ref1" not in applied.stdout
    assert "ref1" in done(run("plans", "changes", plan["id"], "--outcome", "refused"))


@pytest.fixture(scope="module")
def crowd(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes thirty users of a name, and gives the file in which they all leave."""

    def gather(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        make, leave = folder / "make.csv", folder / "leave.csv"
        make.write_text("username\n" + "".join(f"{name}{number}\n" for number in range(30)))
        rows = "".join(f"{name}{number},yes,Ex\n" for number in range(30))
        leave.write_text(f"username,disabled,company\n{rows}")
        done(run("import", str(make), "--apply"))
        return leave

    return gather


def test_a_large_leave_shows_everyone_and_asks_for_its_number(run: Run, crowd: Callable[[str], Path]) -> None:
    leave = crowd("crowd")

    braked = run("import", str(leave), "--apply")
    for_programs = run("--output", "json", "import", str(leave), "--apply", "--confirm", "7")

    assert "--confirm 30" in refused(braked)
    assert "--confirm 30" in refused(for_programs)
    for number in range(30):
        assert f"row {number + 2}, suspends crowd{number}\n" in braked.stdout
    assert [row["after"]["disabled"] for row in json.loads(for_programs.stdout)["rows"]] == [True] * 30
    assert "applied" in done(run("import", str(leave), "--apply", "--confirm", "30"))


def test_at_a_terminal_the_number_is_asked_for_after_the_rows(
    at_terminal: Run, run: Run, crowd: Callable[[str], Path]
) -> None:
    leave = crowd("throng")

    wrong = at_terminal("import", str(leave), "--apply", typed="29\n")
    agreed = at_terminal("import", str(leave), typed="y\n30\n")

    assert wrong.returncode == 1
    assert "suspends throng29" in wrong.stdout
    assert "not the number 30; nothing was done" in wrong.stderr
    assert agreed.returncode == 0
    assert agreed.stdout.index("suspends throng29") < agreed.stdout.index("applied")
    assert "type 30 to go ahead" in agreed.stderr
    assert "suspended" in done(run("users", "show", "throng0"))


def test_at_a_terminal_the_plan_is_shown_and_asked_about(at_terminal: Run, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "asked.csv"
    file.write_text("username\nasked1\n")

    declined = at_terminal("import", str(file), typed="n\n")
    nobody = json_of(run("--output", "json", "users", "list", "--text", "asked1"))
    agreed = at_terminal("--output", "json", "import", str(file), typed="y\n")
    nothing_to_do = at_terminal("import", str(file), typed="")

    assert "Make 1 and change 0 users?" in declined.stderr
    assert (declined.returncode, nobody) == (0, [])
    assert "row 2, new asked1" in declined.stdout
    assert "row 2, new asked1" in agreed.stderr
    assert json.loads(agreed.stdout)["state"] == "applied"
    assert nothing_to_do.returncode == 0
    assert "Make" not in nothing_to_do.stderr


def test_what_is_refused_is_one_line_and_exit_code_1(run: Run) -> None:
    assert "nobody" in refused(run("users", "show", "nobody"))
    assert "username" in refused(run("users", "create", "a b"))
    assert "sign in first" in refused(run("users", "list", INNKEEPER_API_KEY="ink_wrong"))
    assert "not signed in" in refused(run("users", "list", INNKEEPER_API_KEY=""))
    away = f"http://127.0.0.1:{free_port()}"
    assert "cannot reach" in refused(run("--server", away, "users", "list"))


def test_wrong_usage_is_exit_code_2(run: Run) -> None:
    for wrong in (
        ("users", "create"),
        ("users", "edit", "ada"),
        ("users", "edit", "ada", "--clear", "shoe-size"),
        ("users", "edit", "ada", "--clear", "tag", "--tag", "a"),
        ("groups", "edit", "Crew", "--clear", "tag"),
        ("--output", "xml", "users", "list"),
        ("users", "create", "x", "--attributes", "{"),
        ("import", "x.csv", "--plan", "--apply"),
        ("grants", "add", "/x", "read"),
    ):
        assert run(*wrong).returncode == 2, wrong
