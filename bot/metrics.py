"""What the desk counts about itself, for `/metrics`. In memory alone: what must not be lost is in the database.

Names and units follow Prometheus' conventions (https://prometheus.io/docs/practices/naming/). No label holds what
somebody outside wrote.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

# When each counter was born tells nothing here and doubles the lines.
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()

KEPT = Counter("firstline_kept", "Arrivals kept", ["channel", "again"], registry=REGISTRY)
MAILBOX_READ = Gauge(
    "firstline_mailbox_read_timestamp_seconds",
    "When a mailbox was last looked at without a failure (to the minute)",
    ["channel"],
    registry=REGISTRY,
)
MAILBOX_WAITING = Gauge(
    "firstline_mailbox_waiting", "Mails that waited to be fetched at that time", ["channel"], registry=REGISTRY
)
READ = Counter("firstline_read", "Arrivals read", ["channel", "outcome"], registry=REGISTRY)
DECIDED = Counter("firstline_decided", "Decisions", ["action", "triager"], registry=REGISTRY)
DECIDING = Histogram(
    "firstline_deciding_seconds",
    "From a triage Job's claim to its Decision",
    buckets=(0.01, 0.05, 0.25, 1, 2.5, 5, 10, 20, 30),
    registry=REGISTRY,
)
DELIVERED = Counter("firstline_delivered", "Handings-over", ["channel", "kind", "outcome"], registry=REGISTRY)
FAILED_JOBS = Counter("firstline_job_failures", "Tries of Jobs that failed", ["lane"], registry=REGISTRY)
FENCED = Counter(
    "firstline_jobs_fenced", "Works undone because another had claimed the Job", ["lane"], registry=REGISTRY
)
EXPIRED = Counter("firstline_leases_expired", "Jobs claimed whose last lease had run out", ["lane"], registry=REGISTRY)
MODEL_CALLS = Counter("firstline_model_calls", "Calls of the model", ["outcome"], registry=REGISTRY)
MODEL_SECONDS = Histogram(
    "firstline_model_seconds",
    "One call of the model",
    buckets=(0.25, 0.5, 1, 2, 4, 8, 15, 30),
    registry=REGISTRY,
)
MODEL_TOKENS = Counter("firstline_model_tokens", "Tokens", ["direction"], registry=REGISTRY)
MODEL_COST = Counter("firstline_model_cost", "Money, in the currency of the prices set", registry=REGISTRY)
