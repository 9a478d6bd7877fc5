"""RapidSMS with a keyword handler for each topic, as its documentation has it. Runs in an environment of its own.

It checks no signature, and its answers would leave by a request of their own to a gateway, which is left out here.
"""

from __future__ import annotations

import fcntl
import os

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=os.urandom(16).hex(),
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="benchmarks.rapidsms_site.urls",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rapidsms",
        "rapidsms.contrib.handlers",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["RAPIDSMS_DATABASE"],
            "OPTIONS": {"timeout": 20, "init_command": "PRAGMA journal_mode=WAL;"},
        }
    },
    INSTALLED_BACKENDS={"phone": {"ENGINE": "benchmarks.rapidsms_site.handlers.Outgoing"}},
    RAPIDSMS_ROUTER="rapidsms.router.blocking.BlockingRouter",
    RAPIDSMS_HANDLERS=[f"benchmarks.rapidsms_site.handlers.{name}" for name in ("Anxiety", "Pain", "Grief", "Help")],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()

from django.core.management import call_command  # noqa: E402 (needs the settings)
from django.core.wsgi import get_wsgi_application  # noqa: E402

with open(f"{os.environ['RAPIDSMS_DATABASE']}.lock", "w") as lock:  # noqa: PTH123 (two processes start at once)
    fcntl.flock(lock, fcntl.LOCK_EX)
    call_command("migrate", verbosity=0)
application = get_wsgi_application()
