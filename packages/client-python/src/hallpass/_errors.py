"""What can go wrong, and what an answer says of it."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Type, cast


class HallpassError(Exception):
    """Every error of this package. What it says holds no secret and nothing about a person."""


class ApiError(HallpassError):
    """A service answered, and refused. Decide by ``code``: codes are stable, sentences are not."""

    def __init__(
        self,
        message: str,
        status: int,
        code: str,
        request_id: Optional[str],
        retry_after: Optional[float],
        problem: Mapping[str, Any],
    ) -> None:
        super().__init__(message)
        #: The HTTP status.
        self.status = status
        #: The problem's code, as ``grant-paused``; ``http-<status>`` where the body named none.
        self.code = code
        #: Name it when you ask for help.
        self.request_id = request_id
        #: For how many seconds to leave the service alone, where it said so.
        self.retry_after = retry_after
        #: The whole body.
        self.problem = problem


class AuthenticationError(ApiError):
    """401: the credential opens nothing now; ``code`` says why. Never a reason to delete what you have."""


class PermissionDeniedError(ApiError):
    """403: known, and not permitted."""


class NotFoundError(ApiError):
    """404: there is no such thing, or it is not shared with you."""


class ExpiredCursorError(ApiError):
    """410: the picture or the events that the cursor continues are no longer kept. Pull everything again."""


class RateLimitedError(ApiError):
    """429, and waiting as long as it asks would go beyond the budget."""


class UnavailableError(ApiError):
    """5xx: nothing is wrong with the request."""


class ConnectionFailedError(HallpassError):
    """There was no answer, or none that was whole."""


class TimeoutExceededError(ConnectionFailedError):
    """An attempt took longer than ``timeout``."""


class WebhookVerificationError(HallpassError):
    """What came to a webhook is not signed as it has to be."""


class HallpassDeprecation(FutureWarning):
    """Something that is in use will stop working."""


_BY_STATUS: Dict[int, Type[ApiError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    410: ExpiredCursorError,
    429: RateLimitedError,
}


def error_of(
    asked: str,
    status: int,
    request_id: Optional[str],
    retry_after: Optional[float],
    body: bytes,
) -> ApiError:
    """The error that an answer is. ``asked`` names the request without its query, which may hold a secret."""
    problem = _problem_in(body)
    code = str(problem.get("code") or f"http-{status}")
    request_id = problem.get("requestId") or request_id
    given: List[Dict[str, Any]] = problem.get("faults") or []
    faults = "; ".join(f"{each.get('field')}: {each.get('message')}" for each in given)
    said = " ".join(part for part in (problem.get("detail") or problem.get("title"), faults) if part)
    message = f"{asked} answered {status} {code}"
    message += f": {said}" if said else ""
    message += f" (request {request_id})" if request_id else ""
    kind = _BY_STATUS.get(status) or (UnavailableError if status >= 500 else ApiError)
    return kind(message, status, code, request_id, retry_after, problem)


def _problem_in(body: bytes) -> Dict[str, Any]:
    """A body that is no problem, as a proxy's page, says nothing."""
    try:
        problem: Any = json.loads(body)
    except ValueError:
        return {}
    return cast(Dict[str, Any], problem) if isinstance(problem, dict) else {}
