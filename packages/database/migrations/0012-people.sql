-- People who sign in: who they are, what they are of partners, districts and the platform, their sessions and links.

create table people (
  id wire_id primary key,
  -- As it is compared: lower case, without space around it.
  email text collate "C" not null constraint people_email_key unique,
  name text not null default '',
  -- argon2id in PHC form; null: invited, and not yet here.
  password_hash text,
  -- The secret of the authenticator app, sealed under the person's data key; and one that is being set up.
  totp_sealed bytea,
  totp_pending bytea,
  -- The last time step of which a code was taken: none of it or before is taken again.
  totp_step bigint not null default 0,
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);

-- Codes that stand in for the authenticator app, once each.
create table recovery_codes (
  person_id wire_id not null references people,
  lookup bytea not null,
  pepper_version integer not null,
  used_at timestamptz,
  primary key (person_id, lookup)
);

create table partner_members (
  partner_id wire_id not null references partners,
  person_id wire_id not null references people,
  role text collate "C" not null check (role in ('owner', 'developer', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (partner_id, person_id)
);
create index partner_members_person on partner_members (person_id);

create table district_members (
  district_id wire_id not null references districts,
  person_id wire_id not null references people,
  role text collate "C" not null check (role in ('owner', 'editor', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (district_id, person_id)
);
create index district_members_person on district_members (person_id);

-- An operator is a script with a token, or a person who signs in.
alter table operators
  add person_id wire_id constraint operators_person_key unique references people,
  alter lookup drop not null,
  alter masked drop not null,
  add check (lookup is not null or person_id is not null);

-- Of the cookie only the keyed hash is kept.
create table sessions (
  lookup bytea primary key,
  pepper_version integer not null,
  id wire_id not null constraint sessions_id_key unique,
  person_id wire_id not null references people,
  -- Which pages it opens: a session of the portal is none of the staff's.
  audience text collate "C" not null check (audience in ('portal', 'staff')),
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  authenticated_at timestamptz not null default now(),
  ended_at timestamptz
);
create index sessions_person on sessions (person_id) where ended_at is null;

-- Links in mails: of an invitation to set the first password, or to set another one. Good once.
create table person_links (
  lookup bytea primary key,
  pepper_version integer not null,
  id wire_id not null,
  person_id wire_id not null references people,
  purpose text collate "C" not null check (purpose in ('invitation', 'reset')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index person_links_person on person_links (person_id) where ended_at is null;

alter table data_keys drop constraint data_keys_owner_type_check;
alter table data_keys add constraint data_keys_owner_type_check check (owner_type in ('district', 'app', 'person'));

alter table audit_log drop constraint audit_log_actor_type_check;
alter table audit_log add constraint audit_log_actor_type_check
  check (actor_type in ('operator', 'system', 'app', 'district', 'person'));

-- A mail that carries a link: its text is forgotten as soon as it has gone.
alter table mails add is_private boolean not null default false;

-- Which person was shown a token; null: an app's server.
alter table token_reveals add person_id wire_id;

grant select, insert, update on people, sessions, person_links to hallpass_token_service, hallpass_admin;
grant select, insert, update, delete on recovery_codes to hallpass_token_service, hallpass_admin;
grant select, insert, update, delete on partner_members, district_members to hallpass_token_service;
grant select, insert, update on partner_members, district_members to hallpass_admin;
grant delete on sessions, person_links to hallpass_token_service;
grant insert on mails to hallpass_admin;
-- What a partner's people set of its apps.
grant update (purpose, requested_fields, required_fields, redirect_uris, public_keys) on apps to hallpass_token_service;
