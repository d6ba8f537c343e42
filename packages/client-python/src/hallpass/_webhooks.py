"""The signatures of webhooks (Standard Webhooks)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any, Dict, Mapping, Optional, Sequence, Union

from ._errors import WebhookVerificationError

_TOLERANCE_SECONDS = 300


def verify_webhook(
    secret: Union[str, Sequence[str]],
    headers: Mapping[str, str],
    body: Union[bytes, str],
    tolerance_seconds: float = _TOLERANCE_SECONDS,
    now: Optional[float] = None,
) -> Dict[str, Any]:
    """The event of a webhook, once its signature is found to be right.

    ``body`` is what came, before anything has parsed it. ``secret`` may be several, while one replaces another.
    Raises WebhookVerificationError when it is not ours, was changed, or is more than ``tolerance_seconds`` old.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp, signatures = (given[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError:
        raise WebhookVerificationError("a header of the signature is missing") from None
    is_number = timestamp.isascii() and timestamp.isdigit()
    if not is_number or abs((time.time() if now is None else now) - int(timestamp)) > tolerance_seconds:
        raise WebhookVerificationError("the timestamp is too old or too far ahead")
    raw = body.encode() if isinstance(body, str) else body
    signed = f"{message_id}.{timestamp}.".encode() + raw
    for each in [secret] if isinstance(secret, str) else secret:
        right = hmac.new(_key(each), signed, hashlib.sha256).digest()
        for signature in signatures.split(" "):
            version, _, text = signature.partition(",")
            if version == "v1" and hmac.compare_digest(base64.b64encode(right), text.encode()):
                event: Dict[str, Any] = json.loads(raw)
                return event
    raise WebhookVerificationError("no signature is right")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret[6:] if secret.startswith("whsec_") else secret, validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("a webhook secret is whsec_ and base64")
    return key
