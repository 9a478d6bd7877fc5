"""Who texts in a load: strangers, people in a conversation, impatient ones, and a network that delivers twice.

Each user posts at its own pace by the clock, and a text counts as waiting from when it was due: a line that stalls is
charged for all that it kept waiting.
"""

from __future__ import annotations

import itertools
import random
import time
from typing import Any, ClassVar

import gevent
from gevent.pool import Group
from locust import FastHttpUser, task

from benchmarks import forms, texts
from benchmarks.load.aim import Aim
from benchmarks.load.history import Delivery, History, Texted
from benchmarks.texts import Sort
from service.gateway import Signatures

PACE = 1.0
"""Times a second that one user begins to text; since some text on at once, a load has half as many texts more."""

_numbers = itertools.count()


class Texter(FastHttpUser):
    """What all have in common: when the next text is due, and how it is signed and written down."""

    abstract = True
    aim: ClassVar[Aim]
    history: ClassVar[History]
    started: ClassVar[float]
    under_way: ClassVar[Group] = Group()
    """Posts without an answer yet. A post outlives the user that Locust stops in the instant in which it leaves."""
    network_timeout = 20.0
    connection_timeout = 20.0

    def on_start(self) -> None:
        self.chance = random.Random(next(_numbers))
        self.signatures = Signatures(self.aim.public_url, [self.aim.auth_token])
        self.is_somebody_new()
        gevent.sleep(self.chance.random() / PACE)  # not all at the same moment
        self.due = self._now()

    def wait_time(self) -> float:
        """Until the next text is due; no time at all for one that is late."""
        self.due += 1 / PACE
        return max(0.0, self.due - self._now())

    def is_somebody_new(self) -> None:
        self.number, self.texted = forms.number(next(_numbers)), 0

    def texts(self, sort: Sort | str, text: str, *, media: int = 0, copies: int = 1, apart: float = 0.0) -> None:
        """One text, delivered `copies` times, side by side or `apart` seconds from each other."""
        fields = forms.form(self.number, text, media=media, account=self.aim.account_sid)
        texted = Texted(fields["MessageSid"], self.number, text, str(sort), media, self.texted, self.due)
        self.history.texts[texted.sid] = texted
        self.texted += 1
        posts = [gevent.spawn_later(copy * apart, self._post, texted, fields, copy * apart) for copy in range(copies)]
        for post in posts:
            self.under_way.add(post)
        gevent.joinall(posts)

    def _post(self, texted: Texted, fields: dict[str, str], later: float) -> None:
        due = self.due + later
        answer: Any = self.client.post(
            "/sms",
            data=forms.encoded(fields),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": self.signatures.sign("/sms", fields),
            },
            name=texted.sort,
            catch_response=True,
        )
        with answer:
            delivery = Delivery(due, self._now(), answer.status_code or 0, answer.content or b"")
            texted.deliveries.append(delivery)
            answer.request_meta["response_time"] = delivery.waited * 1000  # from when it was due, not from when it left
            if delivery.status == 200:
                answer.success()

    def _now(self) -> float:
        return time.perf_counter() - self.started


class Stranger(Texter):
    """Texts once. Every text is from somebody new."""

    weight = 60

    @task(20)
    def says_something(self) -> None:
        self.is_somebody_new()
        self.texts(*texts.draw(self.chance))

    @task(1)
    def sends_a_picture(self) -> None:
        self.is_somebody_new()
        self.texts("picture", self.chance.choice(("", "look", "i want to die")), media=1)


class Regular(Texter):
    """Somebody in danger who says YES to the check-in, then asks for more, and is somebody else after a while."""

    weight = 25

    @task
    def goes_on(self) -> None:
        steps = (Sort.DANGER, Sort.YES, Sort.TOPIC, Sort.MENU, Sort.CONCERN)
        if self.texted == len(steps):
            self.is_somebody_new()
        sort = steps[self.texted]
        self.texts(sort, self.chance.choice(texts.texts_of(sort)))


class Doubled(Texter):
    """The same message arrives two or three times: at once, or once more after half a second."""

    weight = 10

    @task
    def is_delivered_twice(self) -> None:
        self.is_somebody_new()
        sort, text = texts.draw(self.chance)
        copies, apart = self.chance.choice(((2, 0.0), (3, 0.0), (2, 0.5)))
        self.texts(f"{sort}, delivered {copies} times", text, copies=copies, apart=apart)


class Impatient(Texter):
    """Texts ten times in a row, the last of danger: by then the loop guard is silent, and danger is answered."""

    weight = 5

    @task
    def texts_on_and_on(self) -> None:
        self.is_somebody_new()
        for text in (*self.chance.choices(texts.texts_of(Sort.TOPIC), k=9), "i want to die"):
            self.texts("burst", text)
            self.due = self._now()  # the next one is due when this one is answered


PEOPLE = (Stranger, Regular, Doubled, Impatient)
