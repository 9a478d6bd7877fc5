"""What is counted and timed for `/metrics`, right over several processes. Names and labels only; nobody is told apart.

Several processes share their figures through files under PROMETHEUS_MULTIPROC_DIR, which has to be set before this
module is imported; without it each process counts for itself.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

ANSWERS = Counter(
    "nightlight_answers_total",
    "Texts that got a decision, by what was decided.",
    ["level", "route", "language", "outcome"],
)
"""`outcome`: answered, silent (a listed reason), repeated (the answer already given for this message)."""

ANSWER_SECONDS = Histogram(
    "nightlight_answer_seconds",
    "From the whole form to the whole answer.",
    ["level"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)
LAST_RESORTS = Counter("nightlight_last_resort_answers_total", "Constant crisis answers, by why.", ["why"])
REFUSED = Counter("nightlight_refused_requests_total", "Requests that were not acted on, by why.", ["why"])
WITHOUT = Counter("nightlight_answers_without_total", "Answers given while a store was away.", ["store"])
STATUSES = Counter(
    "nightlight_delivery_statuses_total",
    "What became of our texts, as the carrier tells.",
    ["message", "level", "status", "code"],
)
SENDS = Counter(
    "nightlight_follow_up_sends_total",
    "Follow-ups in a worker's hand, by plan and what came of them.",
    ["outcome", "plan"],
)
"""`outcome`: send; what Twilio's error means (final, opted_out, retry, unknown); or why it was not asked to send."""

SEND_LAG = Histogram(
    "nightlight_follow_up_due_to_sent_seconds",
    "From a follow-up's due time until Twilio took it.",
    ["plan"],
    buckets=(1, 2, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 12 * 3600),
)
FOLLOW_UPS = Gauge(
    "nightlight_follow_ups", "Follow-ups by state; settled ones of a day.", ["state"], multiprocess_mode="mostrecent"
)
LAG = Gauge("nightlight_follow_up_lag_seconds", "How late the oldest due one is.", multiprocess_mode="mostrecent")
OLDEST_UNKNOWN = Gauge(
    "nightlight_oldest_unknown_seconds", "Age of the oldest send without a known end.", multiprocess_mode="mostrecent"
)
SPOOLED = Gauge(
    "nightlight_spooled_entries", "Entries that wait on local disk for SQL.", multiprocess_mode="mostrecent"
)


def exposition() -> bytes:
    """Everything in Prometheus' text format, summed over the processes of this machine."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
