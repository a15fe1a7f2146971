"""Those who should not come in: guessed names at night, and people who forgot their password."""

from datetime import timedelta

from innkeeper.actions.call import Call
from innkeeper.demo import doors
from innkeeper.demo.companies import BLAUMEISE, KESTREL
from innkeeper.demo.stage import Scene, Stage

GUESSES = ("root", "admin", "test", "oracle", "ubuntu", "postgres", "ftpuser", "backup", "user", "git")
SCANS = (
    (83, "203.0.113.201", "Go"),
    (71, "203.0.113.201", "Go"),
    (54, "198.51.100.77", "libssh2_1.11.0"),
    (38, "203.0.113.149", "paramiko_3.5.0"),
    (25, "203.0.113.149", "paramiko_3.5.0"),
    (11, "198.51.100.77", "libssh2_1.11.0"),
    (2, "203.0.113.222", "Go"),
)
FORGOT_ON_DAY = 33
# Where nobody was before: wrong passwords from a known place lock nobody out.
ON_THE_ROAD = "203.0.113.88"


def plan(stage: Stage) -> None:
    """Plan every failed try that is no typing error."""
    for days_ago, address, client in SCANS:
        moment = stage.on(days_ago, 1, 12)
        for guess in stage.random.sample(GUESSES, k=stage.random.randint(4, 8)):
            moment += timedelta(seconds=stage.random.randint(2, 9))
            stage.at(moment, _wrong(guess, "sftp", address, client))
    forgot = stage.on(FORGOT_ON_DAY, 8, 55)
    locked = stage.now - timedelta(minutes=14)
    for number in range(5):
        later = timedelta(seconds=21 * number)
        stage.at(forgot + later, _wrong("priya.sharma", "sftp", KESTREL.address, KESTREL.client))
        stage.at(locked + later, _wrong("florian.huber", "sftp", ON_THE_ROAD, BLAUMEISE.client))


def _wrong(username: str, interface: str, address: str, client: str) -> Scene:
    def scene(call: Call) -> None:
        doors.fail(call, username, interface, address, client)

    return scene
