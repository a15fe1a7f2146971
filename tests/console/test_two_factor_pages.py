"""Own second factors: set up, named, removed and kept, without any script; and an administrator resets."""

import pyotp
import pytest
from starlette.testclient import TestClient

from innkeeper.actions import factors, settings, users
from innkeeper.domain.factors import Factor
from innkeeper.domain.users import User
from tests.console.conftest import signed_in
from tests.console.markup import Element, read
from tests.console.stage import SYSTEM, Cast
from tests.enrolling import mailed_code

HOME = "/account/two-factor"


def held(stage: Cast, user: User) -> list[Factor]:
    return list(stage.calls.read_now(SYSTEM, factors.page, user_id=user.id).items)


def begin_app(client: TestClient) -> Element:
    """The page with the QR code."""
    answer = client.post(f"{HOME}/codes/app")
    assert answer.status_code == 200
    return read(answer.text)


def secret_on(page: Element) -> str:
    return page.one("code", id="totp-secret").text.replace(" ", "")


def confirm(client: TestClient, stage: Cast, page: Element, name: str = "Phone") -> Element:
    """What comes after the right code."""
    form = next(form for form in page.all("form") if "/codes/app/" in form.attributes.get("action", ""))
    code = pyotp.TOTP(secret_on(page)).at(stage.now)
    answer = client.post(form["action"], data={"code": code, "name": name})
    assert answer.status_code == 200, answer.text
    return read(answer.text)


def set_up_app(client: TestClient, stage: Cast) -> list[str]:
    """A confirmed app; answers the recovery codes that the page shows."""
    page = confirm(client, stage, begin_app(client))
    return page.one("pre", id="recovery-codes").text.split()


def test_an_app_is_set_up_without_any_script(stage: Cast, charlie: TestClient) -> None:
    before = read(charlie.get(HOME).text)
    assert before.all("a", href=f"{HOME}/codes/app")
    assert "QR" in charlie.get(f"{HOME}/codes/app").text

    page = begin_app(charlie)

    assert page.one("img", class_="qr")["src"].startswith("data:image/svg+xml")
    assert len(secret_on(page)) == 32
    codes = set_up_app(charlie, stage)
    assert len(codes) == 10
    assert [factor.name for factor in held(stage, stage.charlie)] == ["Phone"]
    after = charlie.get(HOME).text
    assert "Phone" in after
    assert "10 of 10 left" in after
    assert not any(code in after for code in codes)


def test_the_codes_can_be_saved_as_a_file(stage: Cast, charlie: TestClient) -> None:
    page = confirm(charlie, stage, begin_app(charlie))

    link = page.one("a", download="charlie-recovery-codes.txt")
    codes = page.one("pre", id="recovery-codes").text.split()
    assert link["href"].startswith("data:text/plain")
    assert all(code in link["href"] for code in codes)


def test_a_wrong_code_keeps_secret_and_name(stage: Cast, charlie: TestClient) -> None:
    page = begin_app(charlie)
    form = next(form for form in page.all("form") if "/codes/app/" in form.attributes.get("action", ""))

    answer = charlie.post(form["action"], data={"code": "000000", "name": "My phone"})

    again = read(answer.text)
    assert answer.status_code == 422
    assert secret_on(again) == secret_on(page)
    assert again.one("input", name="name")["value"] == "My phone"
    assert again.one("input", name="code")["aria-invalid"] == "true"
    assert "wrong or too old" in again.text
    assert held(stage, stage.charlie) == []


def test_codes_by_mail_are_set_up(stage: Cast, charlie: TestClient) -> None:
    assert "charlie@example.com" in charlie.get(f"{HOME}/codes/email").text
    page = read(charlie.post(f"{HOME}/codes/email").text)
    form = next(form for form in page.all("form") if "/codes/email/" in form.attributes.get("action", ""))

    answer = charlie.post(form["action"], data={"code": mailed_code(stage.calls), "name": "Mail"})

    assert len(read(answer.text).one("pre", id="recovery-codes").text.split()) == 10
    assert [factor.name for factor in held(stage, stage.charlie)] == ["Mail"]
    assert not read(charlie.get(HOME).text).all("a", href=f"{HOME}/codes/email")


def test_a_second_factor_more_brings_no_new_codes(stage: Cast, charlie: TestClient) -> None:
    set_up_app(charlie, stage)
    page = begin_app(charlie)
    form = next(form for form in page.all("form") if "/codes/app/" in form.attributes.get("action", ""))
    code = pyotp.TOTP(secret_on(page)).at(stage.now)

    answer = charlie.post(form["action"], data={"code": code, "name": "Tablet"})

    assert answer.headers["Location"] == HOME
    assert len(held(stage, stage.charlie)) == 2


def test_new_recovery_codes_are_asked_about_and_shown_once(stage: Cast, charlie: TestClient) -> None:
    old = set_up_app(charlie, stage)
    assert "10 codes" in charlie.get(f"{HOME}/recovery-codes").text

    page = read(charlie.post(f"{HOME}/recovery-codes").text)

    fresh = page.one("pre", id="recovery-codes").text.split()
    assert len(fresh) == 10
    assert not set(old) & set(fresh)


def test_renaming(stage: Cast, charlie: TestClient) -> None:
    set_up_app(charlie, stage)
    address = f"{HOME}/{held(stage, stage.charlie)[0].id}/rename"

    assert "Phone" in charlie.get(address).text
    assert charlie.post(address, data={"name": ""}).status_code == 422
    assert charlie.post(address, data={"name": "Work phone"}).headers["Location"] == HOME
    assert "Work phone" in charlie.get(HOME).text


def test_the_last_one_stays_for_a_while_and_can_be_kept(stage: Cast, charlie: TestClient) -> None:
    set_up_app(charlie, stage)
    address = f"{HOME}/{held(stage, stage.charlie)[0].id}"
    assert "your last one" in charlie.get(f"{address}/remove").text

    charlie.post(f"{address}/remove")

    page = charlie.get(HOME).text
    assert "will be removed" in page
    assert "Keep it" in page
    charlie.post(f"{address}/keep")
    assert "will be removed" not in charlie.get(HOME).text
    assert held(stage, stage.charlie)[0].removal_at is None


def test_one_of_several_goes_at_once(stage: Cast, charlie: TestClient) -> None:
    set_up_app(charlie, stage)
    page = read(charlie.post(f"{HOME}/codes/email").text)
    form = next(form for form in page.all("form") if "/codes/email/" in form.attributes.get("action", ""))
    charlie.post(form["action"], data={"code": mailed_code(stage.calls), "name": "Mail"})
    address = f"{HOME}/{held(stage, stage.charlie)[0].id}/remove"
    assert "your last one" not in charlie.get(address).text

    charlie.post(address)

    assert [factor.name for factor in held(stage, stage.charlie)] == ["Mail"]


def test_few_recovery_codes_are_pointed_out(stage: Cast, charlie: TestClient) -> None:
    codes = set_up_app(charlie, stage)
    for code in codes[:7]:
        assert stage.do(factors.accept_code, stage.charlie, code) == "recovery_code"

    chip = read(charlie.get(HOME).text).one("span", class_="warn")

    assert chip.text == "3 of 10 left"


def test_whoever_must_have_one_cannot_remove_the_last(stage: Cast, charlie: TestClient) -> None:
    set_up_app(charlie, stage)
    stage.do(users.edit, stage.charlie.id, {"require_2fa": True})
    address = f"{HOME}/{held(stage, stage.charlie)[0].id}"

    answer = charlie.post(f"{address}/remove")

    assert answer.status_code == 422
    assert "add another one" in answer.text


def test_only_allowed_kinds_are_offered(stage: Cast, charlie: TestClient) -> None:
    stage.do(settings.edit, {"two_factor_kinds": ["totp"]})

    page = read(charlie.get(HOME).text)

    assert page.all("a", href=f"{HOME}/codes/app")
    assert not page.all("a", href=f"{HOME}/codes/email")
    assert charlie.post(f"{HOME}/codes/email").status_code == 422


def test_what_is_no_way_is_not_found(charlie: TestClient) -> None:
    for address in ("codes/pigeon", "keys/pigeon"):
        assert charlie.get(f"{HOME}/{address}").status_code == 404
        assert charlie.post(f"{HOME}/{address}").status_code == 404


def test_a_fresh_proof_is_asked_for_before_anything_is_typed(stage: Cast, charlie: TestClient) -> None:
    stage.now = stage.now.replace(minute=30)

    for address in ("codes/app", "keys/passkey", "recovery-codes"):
        answer = charlie.get(f"{HOME}/{address}")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/prove?next=")
    assert charlie.get(HOME).status_code == 200


def test_without_a_name_there_are_no_passkeys(charlie: TestClient) -> None:
    """The test client speaks plain HTTP to http://testserver, where no browser would make one."""
    assert f"{HOME}/keys/passkey" not in charlie.get(HOME).text
    assert "HTTPS" in charlie.get(f"{HOME}/keys/passkey").text
    assert charlie.post(f"{HOME}/keys/passkey", data={"name": "x", "credential": "{}"}).status_code == 422


def test_a_session_that_owes_a_second_factor_leads_here_and_is_free_after(stage: Cast) -> None:
    stage.do(settings.edit, {"require_2fa": True, "two_factor_grace_days": 0})
    charlie = signed_in(stage, "charlie")
    assert charlie.get("/account").headers["Location"] == HOME
    assert "before you go on" in charlie.get(HOME).text

    set_up_app(charlie, stage)

    assert charlie.get("/account").status_code == 200


def test_another_session_that_still_owes_is_told_to_sign_in_anew(stage: Cast) -> None:
    stage.do(settings.edit, {"require_2fa": True, "two_factor_grace_days": 0})
    first, second = signed_in(stage, "charlie"), signed_in(stage, "charlie")

    set_up_app(first, stage)

    assert "meanwhile" in second.get(HOME).text


def test_an_administrator_sees_and_resets_them(stage: Cast, ada: TestClient, charlie: TestClient) -> None:
    set_up_app(charlie, stage)
    page = read(ada.get(f"/users/{stage.charlie.id}?tab=security").text)
    assert "Phone" in page.text
    assert page.all("a", href=f"/users/{stage.charlie.id}/reset-2fa")
    assert "Charlie Babbage" in ada.get(f"/users/{stage.charlie.id}/reset-2fa").text

    ada.post(f"/users/{stage.charlie.id}/reset-2fa")

    assert held(stage, stage.charlie) == []
    assert charlie.get("/account").headers["Location"].startswith("/sign-in")


def test_nobody_is_offered_to_reset_their_own(stage: Cast, ada: TestClient) -> None:
    set_up_app(ada, stage)

    page = read(ada.get(f"/users/{stage.ada.id}?tab=security").text)

    assert not page.all("a", href=f"/users/{stage.ada.id}/reset-2fa")
    answer = ada.post(f"/users/{stage.ada.id}/reset-2fa")
    assert answer.status_code == 422
    assert "another administrator" in answer.text


def test_others_cannot_reset(stage: Cast, charlie: TestClient) -> None:
    assert charlie.post(f"/users/{stage.ada.id}/reset-2fa").status_code in (403, 404)


@pytest.mark.parametrize("path", ["rename", "remove", "keep"])
def test_another_users_factors_are_not_found(
    stage: Cast, bob: TestClient, charlie: TestClient, path: str
) -> None:
    set_up_app(charlie, stage)
    factor = held(stage, stage.charlie)[0]

    assert bob.post(f"{HOME}/{factor.id}/{path}", data={"name": "Mine"}).status_code == 404
