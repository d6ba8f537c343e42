-- The life of tokens and client secrets, the keys they are sealed under, OAuth, invitations, and who has used or seen what.

-- The key under which what belongs to a district or an app is sealed, wrapped by the master key of that version. One that is
-- destroyed takes with it what was sealed under it.
create table data_keys (
  owner_type text collate "C" not null check (owner_type in ('district', 'app')),
  owner_id wire_id not null,
  wrapped bytea,
  master_version integer,
  -- Sealed before there were such keys: the key follows from the master key, until it is wrapped as it is.
  is_derived boolean not null default false,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  primary key (owner_type, owner_id),
  check ((wrapped is null) = (master_version is null))
);
create index data_keys_version on data_keys (master_version) where wrapped is not null;
insert into data_keys (owner_type, owner_id, is_derived)
  select distinct 'district', district_id, true from token_seals;

-- Which pepper a secret's look-up was keyed with.
alter table tokens add pepper_version integer not null default 1;
alter table client_secrets add pepper_version integer not null default 1;
alter table api_keys add pepper_version integer not null default 1;
alter table operators add pepper_version integer not null default 1;

-- The life of a secret: domain's SecretLife.
alter table tokens
  add replaces wire_id,
  -- How long the one that it replaces lives on beside it, once it has been used; null: that one's end is set already.
  add grace_seconds integer,
  add confirmed_at timestamptz,
  add retires_at timestamptz,
  -- The last notice of its expiry that was given, as days before it; 0: that it has expired.
  add notice_days integer,
  -- When anything of it last changed, for those who ask for what is new.
  add changed_at timestamptz not null default clock_timestamp(),
  -- When it was reported to be in strange hands.
  add exposed_at timestamptz;
create index tokens_expiring on tokens (expires_at) where revoked_at is null and expires_at is not null;
alter table client_secrets
  add replaces wire_id,
  add grace_seconds integer,
  add confirmed_at timestamptz,
  add retires_at timestamptz,
  add expires_at timestamptz,
  add exposed_at timestamptz;

alter table apps
  add reveal text collate "C" not null default 'always' check (reveal in ('always', 'once', 'never')),
  -- From where tokens may be read, as addresses or networks; empty: from anywhere.
  add reveal_addresses text[] not null default '{}',
  add reveal_noticed_at timestamptz,
  add token_max_age_days integer check (token_max_age_days > 0),
  -- Where older apps are called with a code when a district has authorised them.
  add redirect_uris text[] not null default '{}',
  -- Public keys (JWK) with which its assertions are signed.
  add public_keys jsonb not null default '[]',
  -- Why it asks for what it asks for, in its own words.
  add purpose text not null default '',
  add is_listed boolean not null default true,
  add signup text collate "C" not null default 'by-hand' check (signup in ('at-once', 'by-hand'));

alter table districts
  add token_max_age_days integer check (token_max_age_days > 0),
  -- What happens to a token of its that is found exposed.
  add exposure text collate "C" not null default 'rotate' check (exposure in ('rotate', 'notify'));

-- What a grant waits for: the app's consent, or that the picture of its new rule stands.
alter table grants add awaits text collate "C" check (awaits in ('app', 'publication'));
create index grants_awaiting on grants (district_id, id) where awaits = 'publication';

-- How a district's administrators and scripts sign in to the district's part of the portal.
create table portal_tokens (
  district_id wire_id not null references districts,
  id wire_id not null constraint portal_tokens_id_key unique,
  name text not null,
  lookup bytea not null constraint portal_tokens_lookup_key unique,
  pepper_version integer not null,
  masked text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (district_id, id)
);

-- An app's invitation to a district; to whichever holds its code, where it names none.
create table invitations (
  app_id wire_id not null references apps,
  id wire_id not null constraint invitations_id_key unique,
  district_id wire_id references districts,
  lookup bytea not null constraint invitations_lookup_key unique,
  pepper_version integer not null,
  note text not null default '',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  withdrawn_at timestamptz,
  accepted_at timestamptz,
  grant_id wire_id,
  primary key (app_id, id)
);
create index invitations_district on invitations (district_id, id) where district_id is not null;

-- Short-lived things, in a partition for each day on which they end; a day later it is dropped.
create table access_tokens (
  lookup bytea not null,
  expires_at timestamptz not null,
  id wire_id not null,
  district_id wire_id not null,
  grant_id wire_id not null,
  app_id wire_id not null,
  -- What it was given for: the id of a client secret, or the mark of a public key. It ends with it.
  given_for text collate "C" not null,
  issued_at timestamptz not null,
  revoked_at timestamptz,
  primary key (lookup, expires_at)
) partition by range (expires_at);

create table authorization_codes (
  lookup bytea not null,
  expires_at timestamptz not null,
  district_id wire_id not null,
  grant_id wire_id not null,
  app_id wire_id not null,
  redirect_uri text not null,
  used_at timestamptz,
  primary key (lookup, expires_at)
) partition by range (expires_at);

-- An app's signed assertions that have been taken: none is taken twice.
create table client_assertions (
  app_id wire_id not null,
  -- SHA-256 of its jti.
  jti bytea not null,
  expires_at timestamptz not null,
  primary key (app_id, jti, expires_at)
) partition by range (expires_at);

-- What stands for a public key beside its kid, which may come back with another key.
create function key_mark(p_key jsonb) returns text
language sql immutable as $$
  select substr(encode(sha256(convert_to(p_key::text, 'UTF8')), 'hex'), 1, 24)
$$;

-- Makes the partitions of yesterday to a week ahead, and drops those whose day is over by more than a day. It gives up rather than
-- wait behind a long reading, such as a dump, with everybody else waiting behind it: there is a week for another try.
create function keep_day_partitions(p_now timestamptz) returns void
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
  parent text;
  old text;
  day date;
begin
  perform pg_advisory_xact_lock(4736203);
  foreach parent in array array['access_tokens', 'authorization_codes', 'client_assertions'] loop
    for day in select generate_series((p_now at time zone 'UTC')::date - 1, (p_now at time zone 'UTC')::date + 7, '1 day')::date loop
      execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
        parent || '_' || to_char(day, 'YYYYMMDD'), parent, day || ' 00:00+00', (day + 1) || ' 00:00+00');
    end loop;
    for old in
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = parent::regclass and right(c.relname, 8) < to_char((p_now at time zone 'UTC')::date - 1, 'YYYYMMDD')
    loop
      execute format('drop table %I', old);
    end loop;
  end loop;
end $$;
select keep_day_partitions(now());

-- Where a credential was used from, and with what; within a minute, and no write a request.
create table credential_uses (
  credential_type text collate "C" not null check (credential_type in ('token', 'api-key', 'client-secret')),
  credential_id wire_id not null,
  -- Beyond fifty pairs of them, further ones are counted together under empty texts.
  address text collate "C" not null,
  user_agent text collate "C" not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  uses bigint not null,
  primary key (credential_id, address, user_agent)
);
create index credential_uses_last on credential_uses (last_at);

-- Adds uses: [{"type", "id", "address", "userAgent", "firstAt", "lastAt", "uses"}]. The first use of a secret confirms it, and
-- from then on counts the grace of the one that it replaces (domain's retirementOnFirstUse).
create function record_uses(p_uses jsonb) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  confirmed_ids text[];
begin
  insert into credential_uses as c (credential_type, credential_id, address, user_agent, first_at, last_at, uses)
  select type, id, address, agent, min(first_at), max(last_at), sum(uses)
  from (
    select u.type, u.id, u.first_at, u.last_at, u.uses,
      case when k.is_known or k.total < 50 then u.address else '' end address,
      case when k.is_known or k.total < 50 then u.agent else '' end agent
    from (
      select e->>'type' type, e->>'id' id, left(e->>'address', 64) address, left(e->>'userAgent', 200) agent,
        (e->>'firstAt')::timestamptz first_at, (e->>'lastAt')::timestamptz last_at, (e->>'uses')::bigint uses
      from jsonb_array_elements(p_uses) e
    ) u
    cross join lateral (
      select count(*) total, coalesce(bool_or(known.address = u.address and known.user_agent = u.agent), false) is_known
      from credential_uses known where known.credential_id = u.id
    ) k
  ) folded
  group by type, id, address, agent
  order by id, address, agent
  on conflict (credential_id, address, user_agent) do update set
    first_at = least(c.first_at, excluded.first_at), last_at = greatest(c.last_at, excluded.last_at),
    uses = c.uses + excluded.uses;

  -- Few are not confirmed yet. Their grants and apps are locked first, as whoever rotates or revokes does.
  perform from grants g
  where exists (select from tokens t, jsonb_array_elements(p_uses) e
    where e->>'type' = 'token' and t.id = e->>'id' and t.confirmed_at is null and t.district_id = g.district_id and t.grant_id = g.id)
  order by g.id for no key update;
  with used as (
    select e->>'id' id, min((e->>'firstAt')::timestamptz) first_at from jsonb_array_elements(p_uses) e
    where e->>'type' = 'token' group by 1
  ), confirmed as (
    update tokens t set confirmed_at = u.first_at from used u
    where t.id = u.id and t.confirmed_at is null and t.revoked_at is null returning t.id
  )
  select array_agg(id) into confirmed_ids from confirmed;
  with retired as (
    update tokens t set changed_at = clock_timestamp(),
      retires_at = c.confirmed_at + make_interval(secs => case when c.grace_seconds = 0 then -5 else c.grace_seconds end)
    from tokens c
    where c.id = any (confirmed_ids) and c.grace_seconds is not null
      and t.district_id = c.district_id and t.id = c.replaces and t.retires_at is null and t.revoked_at is null
    returning t.id
  )
  insert into authority_changes (subject_type, subject_id) select 'token', id from retired;

  perform from apps a
  where exists (select from client_secrets s, jsonb_array_elements(p_uses) e
    where e->>'type' = 'client-secret' and s.id = e->>'id' and s.confirmed_at is null and s.app_id = a.id)
  order by a.id for no key update;
  with used as (
    select e->>'id' id, min((e->>'firstAt')::timestamptz) first_at from jsonb_array_elements(p_uses) e
    where e->>'type' = 'client-secret' group by 1
  ), confirmed as (
    update client_secrets s set confirmed_at = u.first_at from used u
    where s.id = u.id and s.confirmed_at is null and s.revoked_at is null returning s.id
  )
  select array_agg(id) into confirmed_ids from confirmed;
  with retired as (
    update client_secrets s
    set retires_at = c.confirmed_at + make_interval(secs => case when c.grace_seconds = 0 then -5 else c.grace_seconds end)
    from client_secrets c
    where c.id = any (confirmed_ids) and c.grace_seconds is not null
      and s.id = c.replaces and s.retires_at is null and s.revoked_at is null
    returning s.id
  )
  insert into authority_changes (subject_type, subject_id) select 'client-secret', id from retired;
end $$;

-- Every reading of secrets by an app's server: one row a call.
create table token_reveals (
  app_id wire_id not null references apps,
  id bigint generated always as identity,
  at timestamptz not null default now(),
  address text not null,
  user_agent text not null,
  -- The client secret that it signed in with; null: an assertion.
  client_secret_id wire_id,
  -- How many, and of which districts: all that it may read from the one to the other.
  shown integer not null,
  district_from wire_id not null,
  district_to wire_id not null,
  primary key (app_id, id)
);
create index token_reveals_at on token_reveals (app_id, at);

-- A code on its way to the redirect URI of an app that a district has authorised: the outbox of such calls.
create table redirect_calls (
  district_id wire_id not null,
  grant_id wire_id not null,
  app_id wire_id not null references apps,
  redirect_uri text not null,
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  claimed_until timestamptz,
  -- When the app took it, or it was given up.
  ended_at timestamptz,
  http_status integer,
  primary key (district_id, grant_id)
);
create index redirect_calls_due on redirect_calls (due_at) where ended_at is null;

alter table audit_log drop constraint audit_log_actor_type_check;
alter table audit_log add constraint audit_log_actor_type_check
  check (actor_type in ('operator', 'system', 'app', 'district'));

-- Credentials, by any of their keyed hashes: one for each pepper that is in use.
drop function find_token(bytea);
create function find_token(p_lookups bytea[]) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'token', jsonb_build_object(
      'id', t.id, 'grantId', t.grant_id, 'expiresAt', t.expires_at, 'retiresAt', t.retires_at, 'revokedAt', t.revoked_at),
    'app', app_facts(a), 'grants', jsonb_build_array(grant_facts(g)))
  from tokens t
  join apps a on a.id = t.app_id
  join grants g on g.district_id = t.district_id and g.id = t.grant_id
  where t.lookup = any (p_lookups)
$$;

-- The partitions of today and its neighbours alone are looked into.
create function find_access_token(p_lookups bytea[]) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'accessToken', jsonb_build_object(
      'id', t.id, 'grantId', t.grant_id, 'issuedAt', t.issued_at, 'expiresAt', t.expires_at,
      'revokedAt', coalesce(t.revoked_at, case when not exists (
        select from client_secrets s where s.app_id = t.app_id and s.id = t.given_for and s.revoked_at is null
        union all
        select from jsonb_array_elements(a.public_keys) k where key_mark(k) = t.given_for) then t.issued_at end)),
    'app', app_facts(a), 'grants', jsonb_build_array(grant_facts(g)))
  from access_tokens t
  join apps a on a.id = t.app_id
  join grants g on g.district_id = t.district_id and g.id = t.grant_id
  where t.lookup = any (p_lookups) and t.expires_at > now() - interval '1 day'
$$;

-- What decideAccess has to know of an app's grant in a district, whatever the credential, and from where the app's tokens are
-- read; null where there is none in force.
create function find_grant(p_app text, p_district text) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'app', app_facts(a), 'grants', jsonb_build_array(grant_facts(g)), 'addresses', to_jsonb(a.reveal_addresses))
  from grants g join apps a on a.id = g.app_id
  where g.app_id = p_app and g.district_id = p_district and g.status <> 'revoked'
$$;

drop function find_api_key(bytea);
create function find_api_key(p_lookups bytea[]) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'key', jsonb_build_object('id', k.id, 'appId', k.app_id, 'revokedAt', k.revoked_at),
    'app', app_facts(a),
    'grants', coalesce((select jsonb_agg(grant_facts(g) order by g.district_id) from grants g
                        where g.app_id = a.id and g.status <> 'revoked'), '[]'))
  from api_keys k join apps a on a.id = k.app_id
  where k.lookup = any (p_lookups)
$$;

-- Which of these records a district's roster has now: what a selection may name, told to who may read no roster.
create function known_records(p_district text, p_kind text, p_ids text[]) returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select record_id from record_versions
  where district_id = p_district and kind = p_kind and record_id = any (p_ids) and to_seq = 9223372036854775807
$$;

-- Destroys the sealed copies of a grant's tokens, or of all tokens of a district.
create function drop_token_seals(p_district text, p_grant text) returns void
language sql volatile security definer set search_path = public, pg_temp as $$
  delete from token_seals s using tokens t
  where s.district_id = p_district and t.district_id = s.district_id and t.id = s.token_id
    and (p_grant is null or t.grant_id = p_grant)
$$;

create function notify_grant_awaiting() returns trigger language plpgsql as $$
begin
  perform pg_notify('grants_awaiting', '');
  return null;
end $$;
create trigger grants_awaiting_notify after insert or update of awaits on grants
  for each row when (new.awaits = 'publication') execute function notify_grant_awaiting();

revoke execute on function
  key_mark(jsonb), keep_day_partitions(timestamptz), record_uses(jsonb), find_token(bytea[]), find_access_token(bytea[]),
  find_grant(text, text), find_api_key(bytea[]), known_records(text, text, text[]), drop_token_seals(text, text), notify_grant_awaiting()
from public;

grant execute on function
  find_token(bytea[]), find_access_token(bytea[]), find_api_key(bytea[]), record_uses(jsonb)
to hallpass_data_api;

grant execute on function
  find_token(bytea[]), find_access_token(bytea[]), find_api_key(bytea[]), record_uses(jsonb),
  keep_day_partitions(timestamptz), known_records(text, text, text[]), drop_token_seals(text, text),
  find_grant(text, text)
to hallpass_token_service;
grant insert on grants, tokens, token_seals, audit_log, authority_changes to hallpass_token_service;
grant delete on token_seals to hallpass_token_service;
grant update (status, awaits, narrowing_to, starts_at, ends_at, changed_at) on grants to hallpass_token_service;
grant update (expires_at, retires_at, revoked_at, notice_days, changed_at, exposed_at) on tokens to hallpass_token_service;
grant update (exposed_at) on client_secrets to hallpass_token_service;
grant update (reveal_noticed_at) on apps to hallpass_token_service;
grant update (revoked_at) on portal_tokens to hallpass_token_service;
grant select, insert, update on data_keys, invitations to hallpass_token_service;
grant select on portal_tokens, credential_uses to hallpass_token_service;
grant select, insert on token_reveals, client_assertions to hallpass_token_service;
grant select, update on redirect_calls to hallpass_token_service;
grant delete on token_reveals, credential_uses, invitations to hallpass_token_service;
grant execute on function key_mark(jsonb) to hallpass_token_service;
grant select, insert, update on access_tokens, authorization_codes to hallpass_token_service;

grant execute on function drop_token_seals(text, text), known_records(text, text, text[]) to hallpass_admin;
grant select, insert, update on data_keys, portal_tokens to hallpass_admin;
grant insert on redirect_calls to hallpass_admin;
grant select on invitations, credential_uses, token_reveals to hallpass_admin;
