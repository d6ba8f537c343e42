-- What people ask for in the public service, which may not publish rosters, and admin does: answered once, and taken away with
-- the answer. A file comes along in pieces. Lost in a crash, as the request that waits for it is.
create unlogged table errands (
  id wire_id primary key,
  district_id wire_id references districts,
  -- {"kind", …}
  errand jsonb not null,
  actor jsonb not null,
  -- Null while its file is still coming in.
  ready_at timestamptz,
  taken_at timestamptz,
  -- {"done": …} or {"refused": {"code", "detail", "faults"}}
  answer jsonb,
  created_at timestamptz not null default now()
);
create unlogged table errand_pieces (
  errand_id wire_id not null references errands on delete cascade,
  number integer not null,
  bytes bytea not null,
  primary key (errand_id, number)
);

create function notify_errand_ready() returns trigger language plpgsql as $$
begin
  perform pg_notify('errands_ready', '');
  return null;
end $$;
create trigger errands_ready_notify after update of ready_at on errands
  for each statement execute function notify_errand_ready();
revoke execute on function notify_errand_ready() from public;

grant select, insert, delete, update (ready_at) on errands to hallpass_token_service;
grant select, update (taken_at, answer), delete on errands to hallpass_admin;
grant insert on errand_pieces to hallpass_token_service;
grant select on errand_pieces to hallpass_admin;

-- The district of made-up people in which an app is tried out; of each app at most one.
alter table districts add column sandbox_of wire_id unique references apps;

-- An app's people see to its client secrets.
grant insert, update (retires_at, revoked_at) on client_secrets to hallpass_token_service;
