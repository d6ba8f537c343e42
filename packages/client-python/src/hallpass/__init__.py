"""Reads rosters from a Hallpass: pages, events, and a sync that resumes. The standard library alone."""

from ._app import HallpassApp, Webhooks
from ._client import Hallpass, TokenSource
from ._errors import (
    ApiError,
    AuthenticationError,
    ConnectionFailedError,
    ExpiredCursorError,
    HallpassDeprecation,
    HallpassError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    TimeoutExceededError,
    UnavailableError,
    WebhookVerificationError,
)
from ._export import Export, ExportPage
from ._listing import Listing, Page
from ._sync import KINDS, Delete, SyncStep, Upsert
from ._transport import Clock
from ._version import VERSION as __version__
from ._webhooks import verify_webhook

__all__ = [
    "KINDS",
    "ApiError",
    "AuthenticationError",
    "Clock",
    "ConnectionFailedError",
    "Delete",
    "ExpiredCursorError",
    "Export",
    "ExportPage",
    "Hallpass",
    "HallpassApp",
    "HallpassDeprecation",
    "HallpassError",
    "Listing",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "RateLimitedError",
    "SyncStep",
    "TimeoutExceededError",
    "TokenSource",
    "UnavailableError",
    "Upsert",
    "WebhookVerificationError",
    "Webhooks",
    "__version__",
    "verify_webhook",
]
