"""The pages: one module a noun, each with its routes."""

from starlette.routing import Route

from innkeeper.interfaces.console.pages import (
    account,
    activity,
    components,
    connections,
    dashboard,
    device,
    file_contents,
    files,
    folder,
    folders,
    forgot,
    group,
    groups,
    imports,
    keys,
    mails,
    own_password,
    preferences,
    prove,
    search,
    second_step,
    set_password,
    settings,
    setup,
    sign_in,
    sign_in_policy,
    two_factor,
    two_factor_setup,
    unsubscribe,
    user,
    user_access,
    user_admission,
    user_api_keys,
    user_clone,
    user_devices,
    user_factors,
    user_forms,
    user_links,
    user_passwords,
    user_ssh_keys,
    user_states,
    users,
)

# The order counts: a fixed address stands before the pattern that would swallow it.
MODULES = (
    dashboard,
    device,
    preferences,
    setup,
    sign_in,
    forgot,
    set_password,
    unsubscribe,
    second_step,
    prove,
    search,
    activity,
    connections,
    mails,
    settings,
    sign_in_policy,
    groups,
    group,
    files,
    file_contents,
    folders,
    folder,
    keys,
    imports,
    account,
    own_password,
    two_factor_setup,
    two_factor,
    users,
    user_forms,
    user_clone,
    user_states,
    user_passwords,
    user_ssh_keys,
    user_api_keys,
    user_admission,
    user_factors,
    user_devices,
    user_access,
    user_links,
    user,
)


def routes() -> list[Route]:
    """Every page there is."""
    return [route for module in MODULES for route in module.ROUTES]


def development_routes() -> list[Route]:
    """Pages for those who build the console."""
    return [*components.ROUTES]
