"""A copy of a roster that is kept up to date."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ._errors import ApiError
from ._listing import PAGE_SIZE, Record, parameter_of, read_page
from ._transport import Transport

#: The kinds of record, by their collections, in the order in which each refers to those before it.
KINDS: Tuple[str, ...] = ("schools", "terms", "courses", "users", "sections", "resources")

#: How often one sync begins anew before it gives up: pictures are kept for days.
_RESTARTS_MAX = 3
#: What a place is answered with that cannot be continued.
_LOST = {"cursor-expired", "cursor-invalid", "events-expired"}


class Upsert(NamedTuple):
    kind: str
    id: str
    data: Record


class Delete(NamedTuple):
    kind: str
    id: str


@dataclass(frozen=True)
class SyncStep:
    """A step of a sync.

    To apply it: store ``upserts`` by kind and id, marked with ``pull``; remove ``deletes``; when ``is_complete``,
    remove whatever bears the mark of another pull; keep ``checkpoint``. Best in one transaction; a step applied
    twice does no harm.
    """

    #: The full pull that the copy is made of. A new one begins where there is no checkpoint, or it is too old.
    pull: str
    #: ``full`` or ``changes``: whether this belongs to the full pull, or to what changed after it.
    phase: str
    upserts: List[Upsert]
    deletes: List[Delete]
    #: The full pull is whole: what is left of earlier ones is gone from the roster.
    is_complete: bool
    #: Goes on after this step. It holds no secret.
    checkpoint: str


#: Where a sync stands. The same as of the library for JavaScript: one can go on where the other was.
_State = Dict[str, Any]


def sync(
    transport: Transport,
    checkpoint: Optional[str] = None,
    kinds: Sequence[str] = KINDS,
    page_size: Optional[int] = None,
) -> Iterator[SyncStep]:
    """Brings a copy up to date: a full pull where it is due, then what changed; ends when nothing is left."""
    wanted = [kind for kind in KINDS if kind in kinds]
    if not wanted:
        raise ValueError(f"kinds are of {', '.join(KINDS)}")
    state = _anew(wanted) if checkpoint is None else _state_of(checkpoint)
    if state["kinds"] != wanted:
        state = _anew(wanted)
    return _steps(transport, state, wanted, page_size or PAGE_SIZE)


def _steps(transport: Transport, state: _State, wanted: List[str], page_size: int) -> Iterator[SyncStep]:
    restarts = 0
    while True:
        try:
            made = _full_page(transport, state, page_size) if "kind" in state else _changes(transport, state, page_size)
        except ApiError as error:
            restarts += 1
            if error.code not in _LOST or restarts > _RESTARTS_MAX:
                raise
            state = _anew(wanted)
            continue
        if made is None:
            return
        state, phase, upserts, deletes, is_last = made
        is_complete = phase == "full" and "kind" not in state
        checkpoint = json.dumps(state, separators=(",", ":"))
        yield SyncStep(state["pull"], phase, upserts, deletes, is_complete, checkpoint)
        if is_last:
            return


_Made = Tuple[_State, str, List[Upsert], List[Delete], bool]


def _full_page(transport: Transport, state: _State, page_size: int) -> _Made:
    """The next page of a full pull. All of its pages are of one picture, whatever the kind."""
    kinds, place, following = state["kinds"], state["kind"], state.get("next")
    at = _pin_of(transport, kinds) if place == 0 and following is None else state.get("at")
    kind = kinds[place]
    if following is None:
        page = read_page(transport, f"/v3.1/{kind}", {"limit": page_size, "at": at})
    else:
        page = read_page(transport, following, {})
    is_over = page.cursor is None
    after = _earlier(state.get("after"), page.events_after if is_over else None)
    upserts = [Upsert(kind, data["id"], data) for data in page.records]
    base = {"v": 1, "pull": state["pull"], "kinds": kinds}
    if is_over and place == len(kinds) - 1:
        return {**base, "after": after or ""}, "full", upserts, [], False
    going_on = {"at": at, "kind": place + 1 if is_over else place, "next": page.cursor, "after": after}
    state = {**base, **{name: value for name, value in going_on.items() if value is not None}}
    return state, "full", upserts, [], False


def _pin_of(transport: Transport, kinds: Sequence[str]) -> Optional[str]:
    """The present picture's name, which only links tell: of the first kind that has a record."""
    for kind in kinds:
        cursor = read_page(transport, f"/v3.1/{kind}", {"limit": 1}).cursor
        if cursor is not None:
            return parameter_of(cursor, "at")
    return None


def _changes(transport: Transport, state: _State, page_size: int) -> Optional[_Made]:
    """The next page of changes; None when there are none. Of several changes of a record the last counts."""
    kinds, after = state["kinds"], state.get("after")
    record_type = None if len(kinds) == len(KINDS) else kinds
    query = {"starting_after": after or None, "limit": page_size, "record_type": record_type}
    page = read_page(transport, "/v3.1/events", query)
    if not page.records and page.cursor is None:
        return None
    changed: Dict[Tuple[str, str], Record] = {}
    for event in page.records:
        changed[(event["type"].split(".")[0], event["data"]["object"]["id"])] = event
    upserts: List[Upsert] = []
    deletes: List[Delete] = []
    for (kind, record_id), event in changed.items():
        # A kind that was added after this client is passed over.
        if kind not in kinds:
            continue
        if event["type"].endswith(".deleted"):
            deletes.append(Delete(kind, record_id))
        else:
            upserts.append(Upsert(kind, record_id, event["data"]["object"]))
    if page.records:
        after = page.records[-1]["id"]
    elif page.cursor is not None:
        after = parameter_of(page.cursor, "starting_after")
    state = {"v": 1, "pull": state["pull"], "kinds": kinds, "after": after}
    return state, "changes", upserts, deletes, page.cursor is None


def _anew(kinds: List[str]) -> _State:
    return {"v": 1, "pull": secrets.token_hex(8), "kinds": kinds, "kind": 0}


def _earlier(one: Optional[str], other: Optional[str]) -> Optional[str]:
    """Ids of events are in their order."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _state_of(checkpoint: str) -> _State:
    try:
        state = json.loads(checkpoint)
        if state["v"] == 1 and isinstance(state["pull"], str) and isinstance(state["kinds"], list):
            return dict(state)
    except (ValueError, KeyError, TypeError):
        pass
    raise ValueError("the checkpoint is not one that sync gave")
