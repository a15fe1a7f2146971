"""Passkeys and security keys in Chromium, with a virtual authenticator: enrolled, refused, signed in with."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from innkeeper.actions import factors, settings
from innkeeper.domain.factors import Factor
from innkeeper.domain.users import User
from tests.console.browsing import NARROW, WIDE, Visitor
from tests.console.stage import PASSWORD, SYSTEM, Cast
from tests.console.test_looks import violations
from tests.enrolling import happened

HOME = "/account/two-factor"
# What Chromium's virtual authenticators say they are.
MODEL = "01020304-0506-0708-0102-030405060708"
OTHER_MODEL = "cb69481e-8ff7-4039-93ec-0a2729a154a8"
# A browser that offers no passkeys while the user name is typed.
WITHOUT_AUTOFILL = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
PLATFORM = {"transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
SECURITY_KEY = {"transport": "usb", "hasResidentKey": False, "hasUserVerification": False}


class Authenticators:
    """The virtual authenticators of one tab (https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/)."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")

    def add(self, options: dict[str, Any]) -> str:
        known = {"protocol": "ctap2", "isUserVerified": True, "automaticPresenceSimulation": True}
        answer = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": known | options})
        return str(answer["authenticatorId"])

    def credentials(self, authenticator: str) -> list[dict[str, Any]]:
        answer = self.session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
        return list(answer["credentials"])

    def give(self, authenticator: str, credential: dict[str, Any]) -> None:
        held = {"authenticatorId": authenticator, "credential": credential}
        self.session.send("WebAuthn.addCredential", held)

    def remove(self, authenticator: str) -> None:
        self.session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})

    def is_verified(self, authenticator: str, *, verified: bool) -> None:
        answer = {"authenticatorId": authenticator, "isUserVerified": verified}
        self.session.send("WebAuthn.setUserVerified", answer)


@pytest.fixture
def named(chromium: Any, live: str) -> Iterator[Visitor]:
    """A window that reaches the site under a name: passkeys are for names, not for addresses."""
    visitor = Visitor(chromium, live.replace("127.0.0.1", "localhost"))
    yield visitor
    visitor.context.close()
    assert visitor.complaints == []


def held(stage: Cast, user: User) -> list[Factor]:
    return list(stage.calls.read_now(SYSTEM, factors.page, user_id=user.id).items)


def enrol(page: Page, way: str, name: str) -> None:
    page.goto(f"{HOME}/keys/{way}")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Go on").click()


def enrol_first(page: Page, way: str, name: str) -> None:
    """Enrol a key that brings recovery codes with it."""
    enrol(page, way, name)
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in")


def test_a_passkey_is_enrolled_and_signs_in_without_a_password(stage: Cast, named: Visitor) -> None:
    page = named.sign_in("charlie")
    authenticators = Authenticators(page)
    authenticators.add(PLATFORM)

    enrol_first(page, "passkey", "Laptop")

    factor = held(stage, stage.charlie)[0]
    assert (factor.name, factor.is_passkey, factor.aaguid) == ("Laptop", True, MODEL)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Laptop")).to_be_visible()
    assert violations(page) == []

    sign_out(page)

    expect(page.get_by_role("heading", name="Charlie Babbage")).to_be_visible()
    assert held(stage, stage.charlie)[0].sign_count > factor.sign_count


def test_a_passkey_signs_in_at_the_press_of_its_button(stage: Cast, named: Visitor) -> None:
    page = named.sign_in("charlie")
    page.add_init_script(WITHOUT_AUTOFILL)
    Authenticators(page).add(PLATFORM)
    enrol_first(page, "passkey", "Laptop")
    sign_out(page)

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="Charlie Babbage")).to_be_visible()


def test_a_passkey_is_offered_where_the_user_name_is_typed(named: Visitor) -> None:
    page = named.page
    page.goto("/sign-in")

    assert page.locator("#username").get_attribute("autocomplete") == "username webauthn"
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()


def test_a_security_key_is_asked_for_behind_the_password(stage: Cast, named: Visitor) -> None:
    page = named.sign_in("charlie")
    Authenticators(page).add(SECURITY_KEY)
    enrol_first(page, "security-key", "YubiKey")
    assert not held(stage, stage.charlie)[0].is_passkey
    sign_out(page)

    page.fill("#username", "charlie")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a security key or passkey").click()

    expect(page.get_by_role("heading", name="Charlie Babbage")).to_be_visible()


def test_a_key_that_is_set_up_is_not_taken_twice(stage: Cast, named: Visitor) -> None:
    page = named.sign_in("charlie")
    Authenticators(page).add(SECURITY_KEY)
    enrol_first(page, "security-key", "YubiKey")

    enrol(page, "security-key", "The same")

    expect(page.get_by_role("alert")).to_contain_text("set up already")
    assert len(held(stage, stage.charlie)) == 1
    assert violations(page) == []


def test_what_the_browser_refuses_is_told_in_words(stage: Cast, named: Visitor) -> None:
    page = named.sign_in("charlie")
    authenticators = Authenticators(page)
    laptop = authenticators.add(PLATFORM)
    authenticators.is_verified(laptop, verified=False)

    enrol(page, "passkey", "Laptop")

    expect(page.get_by_role("alert")).to_contain_text("Nothing was added")
    assert held(stage, stage.charlie) == []


def test_a_copied_key_is_refused_and_recorded(stage: Cast, named: Visitor) -> None:
    page = named.sign_in("charlie")
    page.add_init_script(WITHOUT_AUTOFILL)
    authenticators = Authenticators(page)
    laptop = authenticators.add(PLATFORM)
    enrol_first(page, "passkey", "Laptop")
    copied = authenticators.credentials(laptop)[0]
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Charlie Babbage")).to_be_visible()

    authenticators.remove(laptop)
    authenticators.give(authenticators.add(PLATFORM), copied)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("alert").first).to_contain_text("did not work")
    assert [event.target.name for event in happened(stage.calls, "factor.doubted")] == ["Laptop"]


def test_only_allowed_models_are_taken(stage: Cast, named: Visitor) -> None:
    stage.do(settings.edit, {"passkey_models": [OTHER_MODEL]})
    page = named.sign_in("charlie")
    Authenticators(page).add(SECURITY_KEY)

    enrol(page, "security-key", "YubiKey")

    expect(page.get_by_role("alert").first).to_contain_text("certain models")
    assert held(stage, stage.charlie) == []

    stage.do(settings.edit, {"passkey_models": [MODEL]})
    enrol_first(page, "security-key", "YubiKey")
    assert held(stage, stage.charlie)[0].aaguid == MODEL


def test_an_app_is_set_up_from_the_qr_code(stage: Cast, named: Visitor) -> None:
    page = named.sign_in("charlie")
    page.goto(HOME)
    page.get_by_role("link", name="Add app").click()
    page.get_by_role("button", name="Show the QR code").click()
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    secret = page.locator("#totp-secret").text_content() or ""
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("wrong or too old")).to_be_visible()
    expect(page.get_by_label("Code")).to_be_focused()
    assert violations(page) == []

    page.get_by_label("Code").fill(pyotp.TOTP(secret.strip()).at(stage.now))
    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a file").click()
    saved = Path(download.value.path()).read_text().split()
    assert saved == (page.locator("#recovery-codes").text_content() or "").split()
    assert download.value.suggested_filename == "charlie-recovery-codes.txt"


@pytest.mark.parametrize("way", ["passkey", "security-key"])
def test_without_scripts_the_page_says_what_to_do(chromium: Any, live: str, way: str) -> None:
    visitor = Visitor(chromium, live.replace("127.0.0.1", "localhost"), java_script_enabled=False)
    page = visitor.sign_in("charlie")

    page.goto(f"{HOME}/keys/{way}")

    expect(page.get_by_text("This browser cannot make passkeys")).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_be_hidden()
    visitor.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_page_of_it_passes_axe_and_fits(
    stage: Cast, chromium: Any, live: str, scheme: str, size: dict[str, int]
) -> None:
    visitor = Visitor(chromium, live.replace("127.0.0.1", "localhost"), color_scheme=scheme, viewport=size)
    page = visitor.sign_in("charlie")
    Authenticators(page).add(PLATFORM)
    look = Look(page, f"{scheme}-{size['width']}")

    look.at(HOME, "none")
    look.at(f"{HOME}/codes/app", "app")
    page.get_by_role("button", name="Show the QR code").click()
    page.get_by_role("heading", name="Scan").wait_for()
    look.here("scan")
    look.at(f"{HOME}/codes/email", "email")
    page.get_by_role("button", name="Send the code").click()
    page.get_by_role("heading", name="Type the code").wait_for()
    look.here("mailed")
    look.at(f"{HOME}/keys/passkey", "passkey")
    enrol_first(page, "passkey", "Laptop")
    look.here("recovery-codes")
    look.at(HOME, "some")
    page.get_by_role("link", name="Remove Laptop").click()
    page.get_by_role("heading", name="Remove").wait_for()
    look.here("remove")
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Keep it").wait_for()
    look.here("leaving")
    look.at(f"{HOME}/{held(stage, stage.charlie)[0].id}/rename", "rename")
    look.at(f"{HOME}/recovery-codes", "new-codes")
    look.at("/account?tab=security", "account")
    visitor.context.close()

    assert look.problems == []
    assert visitor.complaints == []


class Look:
    """Looks at pages one after the other; keeps pictures where SHOTS says."""

    def __init__(self, page: Page, window: str) -> None:
        self.page, self.window = page, window
        self.problems: list[str] = []

    def at(self, address: str, name: str) -> None:
        self.page.goto(address)
        self.here(name)

    def here(self, name: str) -> None:
        found = [f"{name}: {violation}" for violation in violations(self.page)]
        width = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        self.problems += found + [f"{name}: {width} px too wide"] * (width > 0)
        if os.environ.get("SHOTS"):
            self.page.screenshot(path=f"{os.environ['SHOTS']}/{name}-{self.window}.png", full_page=True)
