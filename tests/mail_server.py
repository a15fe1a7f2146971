"""A process that does nothing but mail, to be killed; what takes hours between tries takes seconds here.

`python -m tests.mail_server URL DIRECTORY SMTP_URL KEY`
"""

import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path

from innkeeper.actions.calls import Calls
from innkeeper.domain import mails as domain
from innkeeper.jobs.mails import Office
from innkeeper.jobs.runner import Jobs
from innkeeper.kit.vault import Vault
from innkeeper.mail.addresses import read_from, read_url
from innkeeper.mail.sending import Postman
from innkeeper.store import mails as store
from innkeeper.store.database import Database
from innkeeper.subscribers.mail import MailRoom
from innkeeper.subscribers.runner import Runner

HOME = "https://files.example.org"
HELD = timedelta(seconds=4)


async def main(url: str, directory: str, smtp_url: str, key: str) -> None:
    domain.WAITS = tuple(timedelta(seconds=seconds) for seconds in (1, 1, 1, 1))
    vars(store)["HOLD"] = HELD
    database = Database(url)
    calls = Calls(database, vault=Vault(key))
    postman = Postman(read_url(smtp_url), read_from("Innkeeper <files@example.com>"))
    jobs = Jobs(database, calls, Path(directory), Office(postman, lambda: HOME))
    runner = Runner(calls, [MailRoom(calls, jobs)])
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await runner.start()
    jobs.start()
    await stop.wait()
    await runner.stop()
    await asyncio.to_thread(jobs.stop)
    calls.hasher.close()
    database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
