-- What districts ask to see before they share: asked in the public service, which may read no roster, and answered by admin.
-- An answer holds records: it is taken away by whoever reads it, and by the next minute when nobody does.
create unlogged table previews (
  id wire_id primary key,
  district_id wire_id not null references districts,
  -- {"rules": {"rule", "before"}, "query"}
  request jsonb not null,
  answer jsonb,
  created_at timestamptz not null default now()
);
create index previews_created on previews (created_at);

create function notify_preview_awaiting() returns trigger language plpgsql as $$
begin
  perform pg_notify('previews_awaiting', '');
  return null;
end $$;
create trigger previews_awaiting_notify after insert on previews
  for each statement execute function notify_preview_awaiting();
revoke execute on function notify_preview_awaiting() from public;

grant select, insert, delete on previews to hallpass_token_service;
grant select, update (answer), delete on previews to hallpass_admin;
