"""`manage.py bootstrap_demo`: demo campaigns, people and a sample file for a first look.

`make run` calls it at every start, and it only makes what is not there: a campaign or cascade of
``campaigns.yaml`` that exists stays as people have made it, and so do people and their passwords.
A changed file is applied by ``manage.py apply_config``, which people call when they want it.
"""

import secrets
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.security.models import Operator
from apps.security.types import Role
from apps.telephony.models import MightyCallOperator
from common.configuration import read_yaml

DEMO_PEOPLE = "demo_people.yaml"
SAMPLE = "sample_mobile_loans.csv"
SAMPLE_FOLDER = "mobile_loans"
LOGINS_FILE = "demo-logins.txt"
PASSWORD_BYTES = 9  # 12 characters to type


class Command(BaseCommand):
    help = (
        "Make the campaigns of config/ and the demo's people that are not there; what exists stays "
        "as it is. When people were made, also put the sample file into its folder."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is not set: an installation that calls people has no demo")
        call_command("apply_config", "--only-missing", stdout=self.stdout)
        # people, the file of their passwords and the sample are made together or not at all
        with transaction.atomic():
            logins = list(filter(None, map(self._person, self._people())))
            if logins:
                self._write_logins(logins)
                self._put_sample()

    def _people(self) -> list[dict[str, str]]:
        people: list[dict[str, str]] = read_yaml(settings.CONFIG_DIR / DEMO_PEOPLE)["people"]
        return people

    def _person(self, entry: dict[str, str]) -> str:
        """Make a person. Returns the line to print, or "" when the login is there already."""
        if Operator.objects.filter(login=entry["login"]).exists():
            return ""
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        operator = Operator.objects.create_user(
            entry["login"],
            password,
            first_name=entry["first-name"],
            last_name=entry["last-name"],
            role=Role(entry["role"]).value,
        )
        if "mightycall-login" in entry:
            account = MightyCallOperator(operator=operator, login=entry["mightycall-login"])
            account.set_password(secrets.token_urlsafe(PASSWORD_BYTES))
            account.save()
        return f"{entry['login']:<14} {password:<14} {entry['role']}"

    def _write_logins(self, lines: list[str]) -> None:
        path = settings.VAR_DIR / LOGINS_FILE
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _put_sample(self) -> None:
        folder: Path = settings.CSV_BASE_FOLDER / SAMPLE_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        # copied under a name that no poller reads, then renamed: the file appears complete
        partial = folder / f"{SAMPLE}.part"
        shutil.copyfile(settings.CONFIG_DIR / SAMPLE, partial)
        partial.rename(folder / SAMPLE)
