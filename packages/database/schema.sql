-- The schema that the migrations make, for reviewers: what a change of them comes to.
-- Written by `pnpm --filter @hallpass/database schema`; a test holds it against the migrations.

-- domains

create domain wire_id as text collate "C" CHECK ((VALUE ~ '^[0-9a-f]{24}$'::text));

-- tables

create table access_tokens (
  lookup bytea not null,
  expires_at timestamp with time zone not null,
  id wire_id not null,
  district_id wire_id not null,
  grant_id wire_id not null,
  app_id wire_id not null,
  given_for text collate "C" not null,
  issued_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint access_tokens_pkey PRIMARY KEY (lookup, expires_at)
) partition by range (expires_at);

create table api_keys (
  id wire_id not null,
  app_id wire_id not null,
  lookup bytea not null,
  masked text not null,
  origin text not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  pepper_version integer default 1 not null,
  constraint api_keys_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint api_keys_lookup_key UNIQUE (lookup),
  constraint api_keys_origin_check CHECK ((origin = ANY (ARRAY['issued'::text, 'imported'::text]))),
  constraint api_keys_pkey PRIMARY KEY (id)
);

create table apps (
  id wire_id not null,
  partner_id wire_id not null,
  name text not null,
  client_id text collate "C" not null,
  is_enabled boolean default true not null,
  requested_fields jsonb not null,
  required_fields jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  reveal text collate "C" default 'always'::text not null,
  reveal_addresses text[] default '{}'::text[] not null,
  reveal_noticed_at timestamp with time zone,
  token_max_age_days integer,
  redirect_uris text[] default '{}'::text[] not null,
  public_keys jsonb default '[]'::jsonb not null,
  purpose text default ''::text not null,
  is_listed boolean default true not null,
  signup text collate "C" default 'by-hand'::text not null,
  constraint apps_client_id_key UNIQUE (client_id),
  constraint apps_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
  constraint apps_partner_name_key UNIQUE (partner_id, name),
  constraint apps_pkey PRIMARY KEY (id),
  constraint apps_reveal_check CHECK ((reveal = ANY (ARRAY['always'::text, 'once'::text, 'never'::text]))),
  constraint apps_signup_check CHECK ((signup = ANY (ARRAY['at-once'::text, 'by-hand'::text]))),
  constraint apps_token_max_age_days_check CHECK ((token_max_age_days > 0))
);

create table audit_log (
  id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  actor_type text not null,
  actor_id wire_id,
  action text not null,
  subject_type text not null,
  subject_id text collate "C" not null,
  district_id wire_id,
  before jsonb,
  after jsonb,
  request_id text,
  constraint audit_log_actor_type_check CHECK ((actor_type = ANY (ARRAY['operator'::text, 'system'::text, 'app'::text, 'district'::text, 'person'::text]))),
  constraint audit_log_pkey PRIMARY KEY (id)
);

create table authority_changes (
  id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  xid xid8 default pg_current_xact_id() not null,
  subject_type text not null,
  subject_id text collate "C" not null,
  constraint authority_changes_pkey PRIMARY KEY (id)
);

create table authorization_codes (
  lookup bytea not null,
  expires_at timestamp with time zone not null,
  district_id wire_id not null,
  grant_id wire_id not null,
  app_id wire_id not null,
  redirect_uri text not null,
  used_at timestamp with time zone,
  constraint authorization_codes_pkey PRIMARY KEY (lookup, expires_at)
) partition by range (expires_at);

create table carried_ids (
  district_id wire_id not null,
  kind text collate "C" not null,
  source_id text collate "C" not null,
  record_id text collate "C" not null,
  constraint carried_ids_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint carried_ids_pkey PRIMARY KEY (district_id, kind, source_id),
  constraint carried_ids_record_key UNIQUE (district_id, record_id)
);

create table client_assertions (
  app_id wire_id not null,
  jti bytea not null,
  expires_at timestamp with time zone not null,
  constraint client_assertions_pkey PRIMARY KEY (app_id, jti, expires_at)
) partition by range (expires_at);

create table client_secrets (
  id wire_id not null,
  app_id wire_id not null,
  lookup bytea not null,
  masked text not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  pepper_version integer default 1 not null,
  replaces wire_id,
  grace_seconds integer,
  confirmed_at timestamp with time zone,
  retires_at timestamp with time zone,
  expires_at timestamp with time zone,
  exposed_at timestamp with time zone,
  constraint client_secrets_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint client_secrets_lookup_key UNIQUE (lookup),
  constraint client_secrets_pkey PRIMARY KEY (id)
);

create table credential_uses (
  credential_type text collate "C" not null,
  credential_id wire_id not null,
  address text collate "C" not null,
  user_agent text collate "C" not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  uses bigint not null,
  constraint credential_uses_credential_type_check CHECK ((credential_type = ANY (ARRAY['token'::text, 'api-key'::text, 'client-secret'::text]))),
  constraint credential_uses_pkey PRIMARY KEY (credential_id, address, user_agent)
);

create table data_keys (
  owner_type text collate "C" not null,
  owner_id wire_id not null,
  wrapped bytea,
  master_version integer,
  is_derived boolean default false not null,
  created_at timestamp with time zone default now() not null,
  destroyed_at timestamp with time zone,
  constraint data_keys_check CHECK (((wrapped IS NULL) = (master_version IS NULL))),
  constraint data_keys_owner_type_check CHECK ((owner_type = ANY (ARRAY['district'::text, 'app'::text, 'person'::text]))),
  constraint data_keys_pkey PRIMARY KEY (owner_type, owner_id)
);

create table district_members (
  district_id wire_id not null,
  person_id wire_id not null,
  role text collate "C" not null,
  created_at timestamp with time zone default now() not null,
  constraint district_members_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint district_members_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint district_members_pkey PRIMARY KEY (district_id, person_id),
  constraint district_members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'editor'::text, 'viewer'::text])))
);

create table districts (
  id wire_id not null,
  name text not null,
  record_key bytea not null,
  seq bigint default 0 not null,
  floor_seq bigint default 0 not null,
  last_import_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  token_max_age_days integer,
  exposure text collate "C" default 'rotate'::text not null,
  sandbox_of wire_id,
  constraint districts_exposure_check CHECK ((exposure = ANY (ARRAY['rotate'::text, 'notify'::text]))),
  constraint districts_pkey PRIMARY KEY (id),
  constraint districts_sandbox_of_fkey FOREIGN KEY (sandbox_of) REFERENCES apps(id),
  constraint districts_sandbox_of_key UNIQUE (sandbox_of),
  constraint districts_token_max_age_days_check CHECK ((token_max_age_days > 0))
);

create table editions (
  is_only boolean default true not null,
  edition bigint default 0 not null,
  constraint editions_is_only_check CHECK (is_only),
  constraint editions_pkey PRIMARY KEY (is_only)
);

create table errand_pieces (
  errand_id wire_id not null,
  number integer not null,
  bytes bytea not null,
  constraint errand_pieces_errand_id_fkey FOREIGN KEY (errand_id) REFERENCES errands(id) ON DELETE CASCADE,
  constraint errand_pieces_pkey PRIMARY KEY (errand_id, number)
);

create table errands (
  id wire_id not null,
  district_id wire_id,
  errand jsonb not null,
  actor jsonb not null,
  ready_at timestamp with time zone,
  taken_at timestamp with time zone,
  answer jsonb,
  created_at timestamp with time zone default now() not null,
  constraint errands_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint errands_pkey PRIMARY KEY (id)
);

create table grant_changes (
  district_id text collate "C" not null,
  grant_id text collate "C" not null,
  seq bigint not null,
  kind text collate "C" not null,
  record_id text collate "C" not null
);

create table grant_rules (
  district_id wire_id not null,
  grant_id wire_id not null,
  from_seq bigint not null,
  fingerprint text collate "C" not null,
  links_fingerprint text collate "C" not null,
  selection jsonb not null,
  fields jsonb not null,
  ended_at timestamp with time zone,
  constraint grant_rules_district_id_grant_id_fkey FOREIGN KEY (district_id, grant_id) REFERENCES grants(district_id, id),
  constraint grant_rules_pkey PRIMARY KEY (district_id, grant_id, from_seq)
);

create table grants (
  district_id wire_id not null,
  id wire_id not null,
  app_id wire_id not null,
  status text not null,
  selection jsonb not null,
  fields jsonb not null,
  fingerprint text collate "C" not null,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  narrowing_to jsonb,
  created_at timestamp with time zone default now() not null,
  changed_at timestamp with time zone default now() not null,
  awaits text collate "C",
  constraint grants_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint grants_awaits_check CHECK ((awaits = ANY (ARRAY['app'::text, 'publication'::text]))),
  constraint grants_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint grants_id_key UNIQUE (id),
  constraint grants_pkey PRIMARY KEY (district_id, id),
  constraint grants_status_check CHECK ((status = ANY (ARRAY['requested'::text, 'active'::text, 'paused'::text, 'revoked'::text])))
);

create table held_changes (
  district_id wire_id not null,
  import_id wire_id not null,
  kind text collate "C" not null,
  place text collate "C" not null,
  record_id text collate "C" not null,
  type text collate "C" not null,
  role_mask smallint not null,
  title text not null,
  body text,
  constraint held_changes_district_id_import_id_fkey FOREIGN KEY (district_id, import_id) REFERENCES imports(district_id, id),
  constraint held_changes_pkey PRIMARY KEY (district_id, import_id, kind, place),
  constraint held_changes_type_check CHECK ((type = ANY (ARRAY['created'::text, 'updated'::text, 'deleted'::text])))
);

create table imports (
  district_id wire_id not null,
  id wire_id not null,
  status text not null,
  seq bigint,
  base_seq bigint,
  content_hash bytea,
  kinds jsonb,
  problems jsonb default '[]'::jsonb not null,
  problem_counts jsonb default '[]'::jsonb not null,
  held_kinds jsonb default '[]'::jsonb not null,
  started_by wire_id,
  started_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  constraint imports_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint imports_pkey PRIMARY KEY (district_id, id),
  constraint imports_status_check CHECK ((status = ANY (ARRAY['running'::text, 'held'::text, 'published'::text, 'unchanged'::text, 'refused'::text, 'failed'::text, 'discarded'::text])))
);

create table invitations (
  app_id wire_id not null,
  id wire_id not null,
  district_id wire_id,
  lookup bytea not null,
  pepper_version integer not null,
  note text default ''::text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  withdrawn_at timestamp with time zone,
  accepted_at timestamp with time zone,
  grant_id wire_id,
  constraint invitations_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint invitations_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint invitations_id_key UNIQUE (id),
  constraint invitations_lookup_key UNIQUE (lookup),
  constraint invitations_pkey PRIMARY KEY (app_id, id)
);

create table key_stages (
  app_id wire_id not null,
  stage text not null,
  changed_at timestamp with time zone default now() not null,
  ending_days integer,
  ending_at timestamp with time zone,
  digest_at timestamp with time zone,
  constraint key_stages_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint key_stages_pkey PRIMARY KEY (app_id)
);

create table link_versions (
  district_id text collate "C" not null,
  fingerprint text collate "C" not null,
  relation text collate "C" not null,
  record_id text collate "C" not null,
  from_seq bigint not null,
  to_seq bigint default '9223372036854775807'::bigint not null,
  ids text[] collate "C" not null,
  constraint link_versions_pkey PRIMARY KEY (district_id, fingerprint, relation, record_id, from_seq, to_seq)
);

create table mails (
  id wire_id not null,
  number bigint generated always as identity not null,
  recipients text[] not null,
  subject text not null,
  body text not null,
  status text default 'pending'::text not null,
  attempts integer default 0 not null,
  due_at timestamp with time zone default now() not null,
  claimed_until timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  is_private boolean default false not null,
  constraint mails_pkey PRIMARY KEY (id),
  constraint mails_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'sent'::text, 'dead'::text])))
);

create table movable_clock (
  is_only boolean default true not null,
  offset_ms bigint default 0 not null,
  constraint movable_clock_is_only_check CHECK (is_only),
  constraint movable_clock_pkey PRIMARY KEY (is_only)
);

create table operators (
  id wire_id not null,
  name text not null,
  role text not null,
  lookup bytea,
  masked text,
  created_at timestamp with time zone default now() not null,
  disabled_at timestamp with time zone,
  pepper_version integer default 1 not null,
  person_id wire_id,
  constraint operators_check CHECK (((lookup IS NOT NULL) OR (person_id IS NOT NULL))),
  constraint operators_lookup_key UNIQUE (lookup),
  constraint operators_name_key UNIQUE (name),
  constraint operators_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint operators_person_key UNIQUE (person_id),
  constraint operators_pkey PRIMARY KEY (id),
  constraint operators_role_check CHECK ((role = ANY (ARRAY['auditor'::text, 'operator'::text, 'administrator'::text])))
);

create table partner_members (
  partner_id wire_id not null,
  person_id wire_id not null,
  role text collate "C" not null,
  created_at timestamp with time zone default now() not null,
  constraint partner_members_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
  constraint partner_members_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint partner_members_pkey PRIMARY KEY (partner_id, person_id),
  constraint partner_members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'developer'::text, 'viewer'::text])))
);

create table partners (
  id wire_id not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  notice_addresses text[] default '{}'::text[] not null,
  constraint partners_name_key UNIQUE (name),
  constraint partners_pkey PRIMARY KEY (id)
);

create table people (
  id wire_id not null,
  email text collate "C" not null,
  name text default ''::text not null,
  password_hash text,
  totp_sealed bytea,
  totp_pending bytea,
  totp_step bigint default 0 not null,
  created_at timestamp with time zone default now() not null,
  disabled_at timestamp with time zone,
  vouched_at timestamp with time zone,
  constraint people_email_key UNIQUE (email),
  constraint people_pkey PRIMARY KEY (id)
);

create table person_links (
  lookup bytea not null,
  pepper_version integer not null,
  id wire_id not null,
  person_id wire_id not null,
  purpose text collate "C" not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint person_links_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint person_links_pkey PRIMARY KEY (lookup),
  constraint person_links_purpose_check CHECK ((purpose = ANY (ARRAY['invitation'::text, 'reset'::text])))
);

create table platform_event_floors (
  app_id wire_id not null,
  xid xid8 not null,
  number bigint not null,
  constraint platform_event_floors_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint platform_event_floors_pkey PRIMARY KEY (app_id)
);

create table platform_events (
  app_id wire_id not null,
  xid xid8 default pg_current_xact_id() not null,
  number bigint generated always as identity not null,
  id wire_id not null,
  type text collate "C" not null,
  district_id wire_id,
  data jsonb not null,
  at timestamp with time zone default now() not null,
  constraint platform_events_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint platform_events_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint platform_events_id_key UNIQUE (id),
  constraint platform_events_pkey PRIMARY KEY (app_id, xid, number)
);

create table portal_tokens (
  district_id wire_id not null,
  id wire_id not null,
  name text not null,
  lookup bytea not null,
  pepper_version integer not null,
  masked text not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  constraint portal_tokens_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint portal_tokens_id_key UNIQUE (id),
  constraint portal_tokens_lookup_key UNIQUE (lookup),
  constraint portal_tokens_pkey PRIMARY KEY (district_id, id)
);

create table previews (
  id wire_id not null,
  district_id wire_id not null,
  request jsonb not null,
  answer jsonb,
  created_at timestamp with time zone default now() not null,
  constraint previews_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint previews_pkey PRIMARY KEY (id)
);

create table publications (
  district_id wire_id not null,
  seq bigint not null,
  edition bigint not null,
  published_at timestamp with time zone not null,
  cause text not null,
  constraint publications_cause_check CHECK ((cause = ANY (ARRAY['import'::text, 'grant'::text]))),
  constraint publications_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint publications_pkey PRIMARY KEY (district_id, seq)
);

create table rate_overrides (
  id wire_id not null,
  policy text collate "C" not null,
  app_id wire_id,
  district_id wire_id,
  requests_max integer not null,
  window_seconds integer,
  burst integer,
  mode text collate "C" not null,
  reason text not null,
  expires_at timestamp with time zone,
  approved_by wire_id not null,
  created_at timestamp with time zone default now() not null,
  constraint rate_overrides_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint rate_overrides_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES operators(id),
  constraint rate_overrides_burst_check CHECK ((burst > 0)),
  constraint rate_overrides_check CHECK (((app_id IS NOT NULL) OR (district_id IS NOT NULL))),
  constraint rate_overrides_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint rate_overrides_mode_check CHECK ((mode = ANY (ARRAY['enforce'::text, 'shadow'::text]))),
  constraint rate_overrides_pkey PRIMARY KEY (id),
  constraint rate_overrides_policy_app_id_district_id_key UNIQUE NULLS NOT DISTINCT (policy, app_id, district_id),
  constraint rate_overrides_requests_max_check CHECK ((requests_max > 0)),
  constraint rate_overrides_window_seconds_check CHECK ((window_seconds > 0))
);

create table rate_policies (
  name text not null,
  subject text not null,
  requests_max integer not null,
  window_seconds integer,
  mode text not null,
  changed_at timestamp with time zone default now() not null,
  burst integer,
  constraint rate_policies_burst_check CHECK ((burst > 0)),
  constraint rate_policies_mode_check CHECK ((mode = ANY (ARRAY['enforce'::text, 'shadow'::text]))),
  constraint rate_policies_pkey PRIMARY KEY (name),
  constraint rate_policies_requests_max_check CHECK ((requests_max > 0)),
  constraint rate_policies_subject_check CHECK ((subject = ANY (ARRAY['token'::text, 'api-key'::text, 'app'::text, 'district'::text, 'address'::text]))),
  constraint rate_policies_window_seconds_check CHECK ((window_seconds > 0))
);

create table record_versions (
  district_id text collate "C" not null,
  kind text collate "C" not null,
  record_id text collate "C" not null,
  from_seq bigint not null,
  to_seq bigint default '9223372036854775807'::bigint not null,
  digest uuid not null,
  role_mask smallint default 0 not null,
  created_at timestamp with time zone not null,
  doc text not null,
  constraint record_versions_pkey PRIMARY KEY (district_id, kind, record_id, from_seq, to_seq)
);

create table recovery_codes (
  person_id wire_id not null,
  lookup bytea not null,
  pepper_version integer not null,
  used_at timestamp with time zone,
  constraint recovery_codes_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint recovery_codes_pkey PRIMARY KEY (person_id, lookup)
);

create table redirect_calls (
  district_id wire_id not null,
  grant_id wire_id not null,
  app_id wire_id not null,
  redirect_uri text not null,
  attempts integer default 0 not null,
  due_at timestamp with time zone default now() not null,
  claimed_until timestamp with time zone,
  ended_at timestamp with time zone,
  http_status integer,
  constraint redirect_calls_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint redirect_calls_pkey PRIMARY KEY (district_id, grant_id)
);

create table served_days (
  district_id wire_id not null,
  day date not null,
  app_id wire_id not null,
  credential_type text collate "C" not null,
  kind text collate "C" not null,
  calls bigint not null,
  records bigint not null,
  constraint served_days_credential_type_check CHECK ((credential_type = ANY (ARRAY['token'::text, 'api-key'::text]))),
  constraint served_days_pkey PRIMARY KEY (district_id, day, app_id, credential_type, kind)
);

create table sessions (
  lookup bytea not null,
  pepper_version integer not null,
  id wire_id not null,
  person_id wire_id not null,
  audience text collate "C" not null,
  created_at timestamp with time zone default now() not null,
  seen_at timestamp with time zone default now() not null,
  authenticated_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  viewing_id wire_id,
  constraint sessions_audience_check CHECK ((audience = ANY (ARRAY['portal'::text, 'staff'::text]))),
  constraint sessions_id_key UNIQUE (id),
  constraint sessions_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint sessions_pkey PRIMARY KEY (lookup),
  constraint sessions_viewing_id_fkey FOREIGN KEY (viewing_id) REFERENCES viewings(id)
);

create table sunset_app_plans (
  app_id wire_id not null,
  announced_at timestamp with time zone,
  steps jsonb default '[]'::jsonb not null,
  brownouts jsonb default '[]'::jsonb not null,
  refused_at timestamp with time zone,
  reason text not null,
  changed_at timestamp with time zone default now() not null,
  constraint sunset_app_plans_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint sunset_app_plans_pkey PRIMARY KEY (app_id)
);

create table sunset_extensions (
  app_id wire_id not null,
  until timestamp with time zone not null,
  reason text not null,
  approved_by wire_id not null,
  created_at timestamp with time zone default now() not null,
  constraint sunset_extensions_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint sunset_extensions_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES operators(id),
  constraint sunset_extensions_pkey PRIMARY KEY (app_id)
);

create table sunset_plan (
  is_only boolean default true not null,
  announced_at timestamp with time zone,
  steps jsonb default '[]'::jsonb not null,
  brownouts jsonb default '[]'::jsonb not null,
  refused_at timestamp with time zone,
  changed_at timestamp with time zone default now() not null,
  revision bigint default 0 not null,
  constraint sunset_plan_is_only_check CHECK (is_only),
  constraint sunset_plan_pkey PRIMARY KEY (is_only)
);

create table sunset_proposals (
  id wire_id not null,
  change jsonb not null,
  revision bigint not null,
  app_ids text[] not null,
  status text default 'waiting'::text not null,
  proposed_by wire_id not null,
  proposed_at timestamp with time zone default now() not null,
  decided_by wire_id,
  decided_at timestamp with time zone,
  constraint sunset_proposals_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES operators(id),
  constraint sunset_proposals_pkey PRIMARY KEY (id),
  constraint sunset_proposals_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES operators(id),
  constraint sunset_proposals_second_person CHECK (((status <> 'approved'::text) OR ((decided_by)::text <> (proposed_by)::text))),
  constraint sunset_proposals_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'approved'::text, 'declined'::text])))
);

create table token_reveals (
  app_id wire_id not null,
  id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  address text not null,
  user_agent text not null,
  client_secret_id wire_id,
  shown integer not null,
  district_from wire_id not null,
  district_to wire_id not null,
  person_id wire_id,
  constraint token_reveals_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint token_reveals_pkey PRIMARY KEY (app_id, id)
);

create table token_seals (
  district_id wire_id not null,
  token_id wire_id not null,
  sealed bytea not null,
  constraint token_seals_district_id_token_id_fkey FOREIGN KEY (district_id, token_id) REFERENCES tokens(district_id, id) ON DELETE CASCADE,
  constraint token_seals_pkey PRIMARY KEY (district_id, token_id)
);

create table tokens (
  district_id wire_id not null,
  id wire_id not null,
  grant_id wire_id not null,
  app_id wire_id not null,
  lookup bytea not null,
  masked text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  pepper_version integer default 1 not null,
  replaces wire_id,
  grace_seconds integer,
  confirmed_at timestamp with time zone,
  retires_at timestamp with time zone,
  notice_days integer,
  changed_at timestamp with time zone default clock_timestamp() not null,
  exposed_at timestamp with time zone,
  constraint tokens_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint tokens_district_id_grant_id_fkey FOREIGN KEY (district_id, grant_id) REFERENCES grants(district_id, id),
  constraint tokens_id_key UNIQUE (id),
  constraint tokens_lookup_key UNIQUE (lookup),
  constraint tokens_pkey PRIMARY KEY (district_id, id)
);

create table usage_days (
  district_id text collate "C" not null,
  app_id wire_id not null,
  day date not null,
  credential_type text collate "C" not null,
  credential_id wire_id not null,
  route text collate "C" not null,
  status smallint not null,
  calls bigint not null,
  records bigint not null,
  constraint usage_days_credential_type_check CHECK ((credential_type = ANY (ARRAY['token'::text, 'api-key'::text]))),
  constraint usage_days_pkey PRIMARY KEY (district_id, app_id, day, credential_type, credential_id, route, status)
);

create table usage_minutes (
  district_id text collate "C" not null,
  app_id wire_id not null,
  minute timestamp with time zone not null,
  credential_type text collate "C" not null,
  credential_id wire_id not null,
  route text collate "C" not null,
  status smallint not null,
  calls bigint not null,
  records bigint not null,
  constraint usage_minutes_credential_type_check CHECK ((credential_type = ANY (ARRAY['token'::text, 'api-key'::text]))),
  constraint usage_minutes_pkey PRIMARY KEY (district_id, app_id, minute, credential_type, credential_id, route, status)
) partition by range (minute);

create table viewings (
  id wire_id not null,
  lookup bytea not null,
  pepper_version integer not null,
  operator_id wire_id not null,
  person_id wire_id not null,
  operator_name text not null,
  app_id wire_id,
  district_id wire_id,
  reason text not null,
  created_at timestamp with time zone default now() not null,
  begun_at timestamp with time zone,
  ends_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint viewings_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint viewings_check CHECK ((num_nonnulls(app_id, district_id) = 1)),
  constraint viewings_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint viewings_lookup_key UNIQUE (lookup),
  constraint viewings_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id),
  constraint viewings_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint viewings_pkey PRIMARY KEY (id)
);

create table visible_sets (
  district_id wire_id not null,
  fingerprint text collate "C" not null,
  links_fingerprint text collate "C" not null,
  rule jsonb not null,
  from_seq bigint not null,
  constraint visible_sets_district_id_fkey FOREIGN KEY (district_id) REFERENCES districts(id),
  constraint visible_sets_pkey PRIMARY KEY (district_id, fingerprint)
);

create table visible_versions (
  district_id text collate "C" not null,
  fingerprint text collate "C" not null,
  kind text collate "C" not null,
  record_id text collate "C" not null,
  from_seq bigint not null,
  to_seq bigint default '9223372036854775807'::bigint not null,
  digest uuid not null,
  role_mask smallint default 0 not null,
  is_first boolean not null,
  doc text,
  constraint visible_versions_pkey PRIMARY KEY (district_id, fingerprint, kind, record_id, from_seq, to_seq)
);

create table webhook_attempts (
  id bigint generated always as identity not null,
  delivery_id wire_id not null,
  at timestamp with time zone not null,
  http_status integer,
  error text,
  milliseconds integer not null,
  constraint webhook_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries(id) ON DELETE CASCADE,
  constraint webhook_attempts_pkey PRIMARY KEY (id)
);

create table webhook_deliveries (
  id wire_id not null,
  number bigint generated always as identity not null,
  webhook_id wire_id not null,
  event_id wire_id not null,
  status text default 'pending'::text not null,
  attempts integer default 0 not null,
  due_at timestamp with time zone default now() not null,
  claimed_until timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint webhook_deliveries_event_id_fkey FOREIGN KEY (event_id) REFERENCES platform_events(id) ON DELETE CASCADE,
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'dead'::text]))),
  constraint webhook_deliveries_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE
);

create table webhook_seals (
  id wire_id not null,
  webhook_id wire_id not null,
  sealed bytea not null,
  created_at timestamp with time zone default now() not null,
  ends_at timestamp with time zone,
  constraint webhook_seals_pkey PRIMARY KEY (id),
  constraint webhook_seals_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE
);

create table webhooks (
  app_id wire_id not null,
  id wire_id not null,
  url text not null,
  types text[] default '{}'::text[] not null,
  description text default ''::text not null,
  is_enabled boolean default true not null,
  gone_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  changed_at timestamp with time zone default now() not null,
  constraint webhooks_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint webhooks_id_key UNIQUE (id),
  constraint webhooks_pkey PRIMARY KEY (app_id, id)
);

-- indexes

CREATE INDEX api_keys_app ON public.api_keys USING btree (app_id);

CREATE INDEX audit_log_subject ON public.audit_log USING btree (subject_type, subject_id, id);

CREATE INDEX authority_changes_xid ON public.authority_changes USING btree (xid);

CREATE INDEX carried_ids_record ON public.carried_ids USING btree (record_id);

CREATE INDEX client_secrets_app ON public.client_secrets USING btree (app_id);

CREATE INDEX credential_uses_last ON public.credential_uses USING btree (last_at);

CREATE INDEX data_keys_version ON public.data_keys USING btree (master_version) WHERE (wrapped IS NOT NULL);

CREATE INDEX district_members_person ON public.district_members USING btree (person_id);

CREATE INDEX districts_name ON public.districts USING btree (lower(name), id);

CREATE UNIQUE INDEX grant_changes_order ON public.grant_changes USING btree (district_id, grant_id, seq, substr(record_id, 10), kind, record_id);

CREATE INDEX grant_rules_fingerprint ON public.grant_rules USING btree (district_id, fingerprint);

CREATE INDEX grants_app ON public.grants USING btree (app_id, district_id);

CREATE INDEX grants_awaiting ON public.grants USING btree (district_id, id) WHERE (awaits = 'publication'::text);

CREATE UNIQUE INDEX grants_one_in_force ON public.grants USING btree (district_id, app_id) WHERE (status <> 'revoked'::text);

CREATE INDEX imports_held ON public.imports USING btree (started_at, id) WHERE (status = 'held'::text);

CREATE INDEX imports_latest ON public.imports USING btree (district_id, started_at, id);

CREATE INDEX imports_of_all ON public.imports USING btree (started_at, id);

CREATE UNIQUE INDEX imports_one_running ON public.imports USING btree (district_id) WHERE (status = 'running'::text);

CREATE INDEX invitations_district ON public.invitations USING btree (district_id, id) WHERE (district_id IS NOT NULL);

CREATE INDEX link_versions_closed ON public.link_versions USING btree (district_id, to_seq) WHERE (to_seq <> '9223372036854775807'::bigint);

CREATE INDEX mails_due ON public.mails USING btree (due_at) WHERE (status = 'pending'::text);

CREATE INDEX partner_members_person ON public.partner_members USING btree (person_id);

CREATE INDEX person_links_person ON public.person_links USING btree (person_id) WHERE (ended_at IS NULL);

CREATE INDEX platform_events_at ON public.platform_events USING btree (at);

CREATE INDEX previews_created ON public.previews USING btree (created_at);

CREATE INDEX publications_edition ON public.publications USING btree (district_id, edition);

CREATE INDEX rate_overrides_app ON public.rate_overrides USING btree (app_id);

CREATE INDEX rate_overrides_district ON public.rate_overrides USING btree (district_id);

CREATE INDEX record_versions_closed ON public.record_versions USING btree (district_id, to_seq, substr(record_id, 10), kind) WHERE (to_seq <> '9223372036854775807'::bigint);

CREATE INDEX record_versions_contacts ON public.record_versions USING btree (district_id, record_id, from_seq, to_seq) WHERE (((role_mask)::integer & 8) <> 0);

CREATE INDEX record_versions_district_admins ON public.record_versions USING btree (district_id, record_id, from_seq, to_seq) WHERE (((role_mask)::integer & 16) <> 0);

CREATE INDEX record_versions_opened ON public.record_versions USING btree (district_id, from_seq, substr(record_id, 10), kind) WHERE (from_seq > 1);

CREATE INDEX record_versions_staff ON public.record_versions USING btree (district_id, record_id, from_seq, to_seq) WHERE (((role_mask)::integer & 4) <> 0);

CREATE INDEX record_versions_teachers ON public.record_versions USING btree (district_id, record_id, from_seq, to_seq) WHERE (((role_mask)::integer & 2) <> 0);

CREATE INDEX redirect_calls_due ON public.redirect_calls USING btree (due_at) WHERE (ended_at IS NULL);

CREATE INDEX served_days_day ON public.served_days USING brin (day);

CREATE INDEX sessions_person ON public.sessions USING btree (person_id) WHERE (ended_at IS NULL);

CREATE INDEX sunset_proposals_waiting ON public.sunset_proposals USING btree (id) WHERE (status = 'waiting'::text);

CREATE INDEX token_reveals_at ON public.token_reveals USING btree (app_id, at);

CREATE INDEX tokens_app ON public.tokens USING btree (app_id, id);

CREATE INDEX tokens_expiring ON public.tokens USING btree (expires_at) WHERE ((revoked_at IS NULL) AND (expires_at IS NOT NULL));

CREATE INDEX tokens_grant ON public.tokens USING btree (district_id, grant_id);

CREATE INDEX usage_days_app ON public.usage_days USING btree (app_id, day);

CREATE INDEX usage_days_day ON public.usage_days USING brin (day);

CREATE INDEX viewings_app ON public.viewings USING btree (app_id, begun_at) WHERE (begun_at IS NOT NULL);

CREATE INDEX viewings_district ON public.viewings USING btree (district_id, begun_at) WHERE (begun_at IS NOT NULL);

CREATE INDEX visible_versions_closed ON public.visible_versions USING btree (district_id, fingerprint, to_seq, substr(record_id, 10), kind) WHERE (to_seq <> '9223372036854775807'::bigint);

CREATE INDEX visible_versions_opened ON public.visible_versions USING btree (district_id, fingerprint, from_seq, substr(record_id, 10), kind) WHERE (NOT is_first);

CREATE INDEX webhook_attempts_delivery ON public.webhook_attempts USING btree (delivery_id, id);

CREATE INDEX webhook_deliveries_dead ON public.webhook_deliveries USING btree (webhook_id) WHERE (status = 'dead'::text);

CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (webhook_id, due_at) WHERE (status = 'pending'::text);

CREATE INDEX webhook_deliveries_event ON public.webhook_deliveries USING btree (event_id);

CREATE INDEX webhook_deliveries_webhook ON public.webhook_deliveries USING btree (webhook_id, number);

CREATE INDEX webhook_seals_webhook ON public.webhook_seals USING btree (webhook_id, created_at);

-- triggers

CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_log_never_emptied BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER authority_changes_notify AFTER INSERT ON public.authority_changes FOR EACH STATEMENT EXECUTE FUNCTION notify_authority_change();

CREATE TRIGGER errands_ready_notify AFTER UPDATE OF ready_at ON public.errands FOR EACH STATEMENT EXECUTE FUNCTION notify_errand_ready();

CREATE TRIGGER grants_awaiting_notify AFTER INSERT OR UPDATE OF awaits ON public.grants FOR EACH ROW WHEN ((new.awaits = 'publication'::text)) EXECUTE FUNCTION notify_grant_awaiting();

CREATE TRIGGER platform_events_notify AFTER INSERT ON public.platform_events FOR EACH STATEMENT EXECUTE FUNCTION notify_platform_events();

CREATE TRIGGER previews_awaiting_notify AFTER INSERT ON public.previews FOR EACH STATEMENT EXECUTE FUNCTION notify_preview_awaiting();

-- functions

CREATE OR REPLACE FUNCTION public.app_facts(a apps)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select jsonb_build_object(
    'id', a.id, 'name', a.name, 'clientId', a.client_id, 'isEnabled', a.is_enabled,
    'extension', (select jsonb_build_object('until', e.until, 'reason', e.reason)
                  from sunset_extensions e where e.app_id = a.id),
    'plan', (select jsonb_build_object('announcedAt', p.announced_at, 'steps', p.steps,
               'brownouts', p.brownouts, 'refusedAt', p.refused_at) from sunset_app_plans p where p.app_id = a.id))
$function$;

CREATE OR REPLACE FUNCTION public.authority_changes_since(p_mark text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'next', pg_snapshot_xmin(pg_current_snapshot())::text,
    'changes', coalesce((
      select jsonb_agg(jsonb_build_array(c.subject_type, c.subject_id)) from authority_changes c
      where p_mark is not null and c.xid >= p_mark::xid8), '[]'))
$function$;

CREATE OR REPLACE FUNCTION public.changed_keys(p_district text, p_grant text, p_before text, p_after text, p_seq bigint, p_kinds text[], p_record text, p_tail text, p_is_back boolean, p_limit integer)
 RETURNS TABLE(kind text, record_id text)
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  place constant text := case
    when p_record is not null then 'and substr(record_id, 10) = substr($3, 10) and record_id = $3'
    else '' end || case when p_tail is null then '' when p_is_back then ' and substr(record_id, 10) <= $4'
                        else ' and substr(record_id, 10) >= $4' end || ' and kind = any ($2)';
  -- Records whose ids end alike, which hardly ever come, are told together: no page parts them.
  ending constant text := case when p_is_back then 'order by substr(record_id, 10) desc' else 'order by substr(record_id, 10)' end
    || ' fetch first ' || p_limit || ' rows with ties';
  opened text;
  closed text;
begin
  if p_before <> p_after then
    return query execute
      'select kind, record_id from grant_changes where district_id = $1 and grant_id = $5 and seq = ' || p_seq
      || ' ' || place || ' ' || ending using p_district, p_kinds, p_record, p_tail, p_grant;
    return;
  end if;
  if p_after = '' then
    opened := 'select kind, record_id from record_versions where district_id = $1 and from_seq = ' || p_seq;
    closed := 'select kind, record_id from record_versions where district_id = $1 and to_seq = ' || p_seq;
  else
    opened := 'select kind, record_id from visible_versions where district_id = $1 and fingerprint = $5 and not is_first'
      || ' and from_seq = ' || p_seq;
    closed := 'select kind, record_id from visible_versions where district_id = $1 and fingerprint = $5 and to_seq = ' || p_seq;
  end if;
  return query execute
    'select kind, record_id from ((' || opened || ' ' || place || ' ' || ending || ') union ('
    || closed || ' ' || place || ' ' || ending || ')) changed ' || ending
    using p_district, p_kinds, p_record, p_tail, p_after;
end $function$;

CREATE OR REPLACE FUNCTION public.clock_offset()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select offset_ms from movable_clock
$function$;

CREATE OR REPLACE FUNCTION public.count_records(p_district text, p_grant text, p_fingerprint text, p_kind text, p_role integer, p_at bigint)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  -- Most readings are of now, and need no more than the clock.
  s constant bigint := case when p_at is null then (select coalesce(max(d.seq), 0) from districts d where d.id = p_district)
    else pinned_seq(p_district, p_grant, p_fingerprint, p_at) end;
begin
  return next s::text;
  if p_fingerprint <> '' then
    return query
      select count(*)::text from visible_versions v
      where v.district_id = p_district and v.fingerprint = p_fingerprint and v.kind = p_kind
        and v.from_seq <= s and v.to_seq > s and (p_role = 0 or v.role_mask & p_role <> 0);
  else
    return query
      select count(*)::text from record_versions r
      where r.district_id = p_district and r.kind = p_kind
        and r.from_seq <= s and r.to_seq > s and (p_role = 0 or r.role_mask & p_role <> 0);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.current_edition()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select edition from editions
$function$;

CREATE OR REPLACE FUNCTION public.delivery_lag()
 RETURNS TABLE(pending integer, dead integer, overdue_seconds integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select
    count(*) filter (where d.status = 'pending')::integer,
    count(*) filter (where d.status = 'dead')::integer,
    greatest(0, coalesce(extract(epoch from now() - min(d.due_at) filter (where d.status = 'pending' and w.is_enabled)), 0))::integer
  from webhook_deliveries d join webhooks w on w.id = d.webhook_id
  where d.status <> 'delivered'
$function$;

CREATE OR REPLACE FUNCTION public.drop_token_seals(p_district text, p_grant text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  delete from token_seals s using tokens t
  where s.district_id = p_district and t.district_id = s.district_id and t.id = s.token_id
    and (p_grant is null or t.grant_id = p_grant)
$function$;

CREATE OR REPLACE FUNCTION public.edition_before(p_district text, p_instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce((
    select p.edition from publications p
    where p.district_id = p_district and p.published_at < p_instant order by p.seq desc limit 1), 0)
$function$;

CREATE OR REPLACE FUNCTION public.edition_of(p_district text, p_seq bigint)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce((
    select p.edition from publications p
    where p.district_id = p_district and p.seq <= p_seq order by p.seq desc limit 1), 0)
$function$;

CREATE OR REPLACE FUNCTION public.find_access_token(p_lookups bytea[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.find_api_key(p_lookups bytea[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'key', jsonb_build_object('id', k.id, 'appId', k.app_id, 'revokedAt', k.revoked_at),
    'app', app_facts(a),
    'grants', coalesce((select jsonb_agg(grant_facts(g) order by g.district_id) from grants g
                        where g.app_id = a.id and g.status <> 'revoked'), '[]'))
  from api_keys k join apps a on a.id = k.app_id
  where k.lookup = any (p_lookups)
$function$;

CREATE OR REPLACE FUNCTION public.find_grant(p_app text, p_district text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'app', app_facts(a), 'grants', jsonb_build_array(grant_facts(g)), 'addresses', to_jsonb(a.reveal_addresses))
  from grants g join apps a on a.id = g.app_id
  where g.app_id = p_app and g.district_id = p_district and g.status <> 'revoked'
$function$;

CREATE OR REPLACE FUNCTION public.find_token(p_lookups bytea[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'token', jsonb_build_object(
      'id', t.id, 'grantId', t.grant_id, 'expiresAt', t.expires_at, 'retiresAt', t.retires_at, 'revokedAt', t.revoked_at),
    'app', app_facts(a), 'grants', jsonb_build_array(grant_facts(g)))
  from tokens t
  join apps a on a.id = t.app_id
  join grants g on g.district_id = t.district_id and g.id = t.grant_id
  where t.lookup = any (p_lookups)
$function$;

CREATE OR REPLACE FUNCTION public.grant_facts(g grants)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select jsonb_build_object(
    'id', g.id, 'appId', g.app_id, 'districtId', g.district_id, 'status', g.status, 'selection', g.selection,
    'fields', g.fields, 'fingerprint', g.fingerprint, 'startsAt', g.starts_at, 'endsAt', g.ends_at, 'isNarrowing', g.narrowing_to is not null)
$function$;

CREATE OR REPLACE FUNCTION public.keep_day_partitions(p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare
  today date := (p_now at time zone 'UTC')::date;
  kept record;
  old text;
begin
  perform pg_advisory_xact_lock(4736203);
  for kept in
    select * from (values
      ('access_tokens', 1), ('authorization_codes', 1), ('client_assertions', 1), ('usage_minutes', 35)) each (parent, days)
  loop
    perform make_day_partition(kept.parent, day::date) from generate_series(today - 1, today + 7, '1 day') day;
    for old in
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = kept.parent::regclass and right(c.relname, 8) < to_char(today - kept.days, 'YYYYMMDD')
    loop
      execute format('drop table %I', old);
    end loop;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION public.key_last_use(p_app text)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select greatest(
    (select max(u.last_at) from api_keys k join credential_uses u on u.credential_id = k.id
     where k.app_id = p_app and k.revoked_at is null),
    (select max(m.minute) from usage_minutes m
     where m.district_id = '' and m.app_id = p_app and m.minute > now() - interval '35 days'
       and m.credential_id in (select k.id from api_keys k where k.app_id = p_app and k.revoked_at is null)))
$function$;

CREATE OR REPLACE FUNCTION public.key_mark(p_key jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select substr(encode(sha256(convert_to(p_key::text, 'UTF8')), 'hex'), 1, 24)
$function$;

CREATE OR REPLACE FUNCTION public.known_records(p_district text, p_kind text, p_ids text[])
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select record_id from record_versions
  where district_id = p_district and kind = p_kind and record_id = any (p_ids) and to_seq = 9223372036854775807
$function$;

CREATE OR REPLACE FUNCTION public.limits_in_force()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'policies', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', r.name,
               'subject', r.subject, 'requestsMax', r.requests_max, 'burst', r.burst, 'mode', r.mode))
               || jsonb_build_object('windowSeconds', r.window_seconds)), '[]') from rate_policies r),
    'overrides', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('policy', o.policy,
               'requestsMax', o.requests_max, 'burst', o.burst, 'mode', o.mode, 'reason', o.reason))
               || jsonb_build_object('appId', o.app_id, 'districtId', o.district_id,
               'windowSeconds', o.window_seconds, 'expiresAt', o.expires_at)), '[]')
               from rate_overrides o where o.expires_at is null or o.expires_at > now()))
$function$;

CREATE OR REPLACE FUNCTION public.linked_ids(p_district text, p_links text, p_relations text[], p_ids text[], p_seq bigint)
 RETURNS text[]
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(array_agg(distinct linked.id order by linked.id), '{}')
  from link_versions l, unnest(l.ids) linked(id)
  where l.district_id = p_district and l.fingerprint = p_links and l.relation = any (p_relations)
    and l.record_id = any (p_ids) and l.from_seq <= p_seq and l.to_seq > p_seq
$function$;

CREATE OR REPLACE FUNCTION public.locate_record(p_districts text[], p_grants text[], p_fingerprints text[], p_seqs bigint[], p_kind text, p_id text)
 RETURNS TABLE(place integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select scope.place::integer
  from unnest(p_districts, p_grants, p_fingerprints, p_seqs) with ordinality scope(district, grant_id, fingerprint, seq, place)
  cross join lateral read_record(scope.district, scope.grant_id, scope.fingerprint, p_kind, p_id, scope.seq)
    with ordinality found(doc, row)
  where found.row = 2
  limit 1
$function$;

CREATE OR REPLACE FUNCTION public.make_day_partition(p_parent text, p_day date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
    p_parent || '_' || to_char(p_day, 'YYYYMMDD'), p_parent, p_day || ' 00:00+00', (p_day + 1) || ' 00:00+00');
end $function$;

CREATE OR REPLACE FUNCTION public.notify_authority_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('authority_changes', '');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.notify_errand_ready()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('errands_ready', '');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.notify_grant_awaiting()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('grants_awaiting', '');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.notify_platform_events()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('platform_events', '');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.notify_preview_awaiting()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('previews_awaiting', '');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.pictures_at_edition(p_districts text[], p_grants text[], p_edition bigint)
 RETURNS TABLE(seq bigint, fingerprint text, links_fingerprint text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select at.seq, r.fingerprint, r.links_fingerprint
  from unnest(p_districts, p_grants) with ordinality scope(district, grant_id, place)
  cross join lateral (
    select coalesce((
      select p.seq from publications p
      where p.district_id = scope.district and p.edition <= p_edition order by p.edition desc limit 1), 0) seq
  ) at
  left join lateral rule_at(scope.district, scope.grant_id, at.seq) r on true
  order by scope.place
$function$;

CREATE OR REPLACE FUNCTION public.pinned_seq(p_district text, p_grant text, p_fingerprint text, p_at bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  d record;
  mark text;
begin
  select seq, floor_seq into d from districts where id = p_district;
  if p_at > d.seq then
    raise exception 'the cursor is not of this district' using errcode = 'HP400';
  elsif p_at < d.floor_seq then
    raise exception 'the picture has been pruned' using errcode = 'HP410';
  end if;
  select r.fingerprint into mark from rule_at(p_district, p_grant, p_at) r;
  if not found then
    raise exception 'the picture is from before the grant' using errcode = 'HP410';
  elsif mark <> p_fingerprint then
    raise exception 'the picture is from under another rule' using errcode = 'HP309';
  elsif p_fingerprint <> '' and p_at < (
    select s.from_seq from visible_sets s where s.district_id = p_district and s.fingerprint = p_fingerprint
  ) then
    raise exception 'the picture is from before its visible set' using errcode = 'HP410';
  end if;
  return p_at;
end $function$;

CREATE OR REPLACE FUNCTION public.prune_district(p_district text, p_instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  floor bigint;
  gone bigint;
  total bigint := 0;
begin
  perform from districts where id = p_district for update;
  select max(p.seq) into floor from publications p where p.district_id = p_district and p.published_at < p_instant;
  update districts set floor_seq = floor where id = p_district and floor_seq < floor;
  if not found then return 0; end if;
  delete from visible_sets s where s.district_id = p_district and not exists (
    select from grant_rules r join grants g on g.district_id = r.district_id and g.id = r.grant_id
    where r.district_id = p_district and r.fingerprint = s.fingerprint and g.status <> 'revoked'
      and (r.ended_at is null or r.ended_at > p_instant));
  delete from record_versions where district_id = p_district and to_seq <= floor;
  get diagnostics total = row_count;
  delete from visible_versions v where v.district_id = p_district and (v.to_seq <= floor or not exists (
    select from visible_sets s where s.district_id = p_district and s.fingerprint = v.fingerprint));
  get diagnostics gone = row_count;
  total := total + gone;
  delete from link_versions l where l.district_id = p_district and (l.to_seq <= floor or l.fingerprint <> '' and not exists (
    select from visible_sets s where s.district_id = p_district and s.links_fingerprint = l.fingerprint));
  get diagnostics gone = row_count;
  delete from grant_changes where district_id = p_district and seq <= floor;
  return total + gone;
end $function$;

CREATE OR REPLACE FUNCTION public.read_changes(p_district text, p_grant text, p_kinds text[], p_record text, p_edition bigint, p_tail text, p_is_back boolean, p_limit integer)
 RETURNS TABLE(edition bigint, published_at timestamp with time zone, kind text, record_id text, before_mark text, after_mark text, before text, after text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  d record;
  step record;
  begun bigint;
  missing integer := p_limit;
  found_rows integer;
begin
  select seq, floor_seq into d from districts where id = p_district;
  select min(r.from_seq) into begun from grant_rules r where r.district_id = p_district and r.grant_id = p_grant;
  if begun is null then return; end if;
  if p_edition is not null and not p_is_back and d.floor_seq > 0 and p_edition < (
    select p.edition from publications p where p.district_id = p_district and p.seq = d.floor_seq
  ) then
    raise exception 'the events have been pruned' using errcode = 'HP411';
  end if;
  for step in
    select p.seq, p.edition, p.published_at from publications p
    where p.district_id = p_district and p.seq > greatest(begun, d.floor_seq)
      and (p_edition is null or case when p_is_back then p.edition <= p_edition else p.edition >= p_edition end)
    order by case when p_is_back then -p.edition else p.edition end
  loop
    return query
      select step.edition, step.published_at, k.kind, k.record_id, b.fingerprint, a.fingerprint,
        shown_text(p_district, b.fingerprint, k.kind, k.record_id, step.seq - 1),
        shown_text(p_district, a.fingerprint, k.kind, k.record_id, step.seq)
      from rule_at(p_district, p_grant, step.seq - 1) b
      cross join rule_at(p_district, p_grant, step.seq) a
      cross join lateral changed_keys(
        p_district, p_grant, b.fingerprint, a.fingerprint, step.seq, p_kinds, p_record,
        case when step.edition = p_edition then p_tail end, p_is_back, missing) k
      order by case when p_is_back then null else substr(k.record_id, 10) end collate "C",
        case when p_is_back then substr(k.record_id, 10) end collate "C" desc, k.kind;
    get diagnostics found_rows = row_count;
    missing := missing - found_rows;
    exit when missing <= 0;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION public.read_changes_of(p_districts text[], p_grants text[], p_kinds text[], p_record text, p_edition bigint, p_tail text, p_is_back boolean, p_limit integer)
 RETURNS TABLE(place integer, edition bigint, published_at timestamp with time zone, kind text, record_id text, before_mark text, after_mark text, before text, after text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select scope.place::integer, c.*
  from unnest(p_districts, p_grants) with ordinality scope(district, grant_id, place)
  cross join lateral read_changes(
    scope.district, scope.grant_id, p_kinds, p_record, p_edition, p_tail, p_is_back, p_limit) c
  order by case when p_is_back then -c.edition else c.edition end,
    case when p_is_back then null else substr(c.record_id, 10) end collate "C",
    case when p_is_back then substr(c.record_id, 10) end collate "C" desc
  fetch first p_limit rows with ties
$function$;

CREATE OR REPLACE FUNCTION public.read_district(p_district text)
 RETURNS TABLE(id text, name text, seq bigint, last_import_at timestamp with time zone, created_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select d.id, d.name, d.seq, d.last_import_at, d.created_at from districts d where d.id = p_district
$function$;

CREATE OR REPLACE FUNCTION public.read_linked(p_district text, p_grant text, p_fingerprint text, p_links text, p_relations text[], p_id text, p_kind text, p_role integer, p_at bigint, p_after text, p_before text, p_limit integer)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  -- Most readings are of now, and need no more than the clock.
  s constant bigint := case when p_at is null then (select coalesce(max(d.seq), 0) from districts d where d.id = p_district)
    else pinned_seq(p_district, p_grant, p_fingerprint, p_at) end;
begin
  return next s::text;
  return query select read_listed(
    p_district, p_fingerprint, p_kind, linked_ids(p_district, p_links, p_relations, array[p_id], s),
    p_role, s, p_after, p_before, p_limit);
end $function$;

CREATE OR REPLACE FUNCTION public.read_linked_of(p_district text, p_grant text, p_fingerprint text, p_links text, p_relations text[], p_ids text[], p_kind text, p_role integer, p_at bigint, p_after text, p_before text, p_limit integer)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  -- Most readings are of now, and need no more than the clock.
  s constant bigint := case when p_at is null then (select coalesce(max(d.seq), 0) from districts d where d.id = p_district)
    else pinned_seq(p_district, p_grant, p_fingerprint, p_at) end;
begin
  return next s::text;
  return query select read_listed(
    p_district, p_fingerprint, p_kind, linked_ids(p_district, p_links, p_relations, p_ids, s),
    p_role, s, p_after, p_before, p_limit);
end $function$;

CREATE OR REPLACE FUNCTION public.read_listed(p_district text, p_fingerprint text, p_kind text, p_ids text[], p_role integer, p_seq bigint, p_after text, p_before text, p_limit integer)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return query
    select coalesce(shown.doc, r.doc)
    from unnest(p_ids) listed(id)
    cross join lateral (
      select v.doc, v.role_mask from visible_versions v
      where p_fingerprint <> '' and v.district_id = p_district and v.fingerprint = p_fingerprint
        and v.kind = p_kind and v.record_id = listed.id and v.from_seq <= p_seq and v.to_seq > p_seq
      union all
      select null, null where p_fingerprint = ''
      limit 1
    ) shown
    cross join lateral (
      select r.doc, r.role_mask from record_versions r
      where r.district_id = p_district and r.kind = p_kind and r.record_id = listed.id
        and r.from_seq <= p_seq and r.to_seq > p_seq
      limit 1
    ) r
    where (p_role = 0 or coalesce(shown.role_mask, r.role_mask) & p_role <> 0)
      and (p_after = '' or listed.id > p_after) and (p_before is null or listed.id < p_before)
    order by case when p_before is null then listed.id end collate "C",
      case when p_before is not null then listed.id end collate "C" desc
    limit p_limit;
end $function$;

CREATE OR REPLACE FUNCTION public.read_page(p_district text, p_grant text, p_fingerprint text, p_kind text, p_role integer, p_at bigint, p_after text, p_before text, p_limit integer)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  -- Most readings are of now, and need no more than the clock.
  s constant bigint := case when p_at is null then (select coalesce(max(d.seq), 0) from districts d where d.id = p_district)
    else pinned_seq(p_district, p_grant, p_fingerprint, p_at) end;
begin
  return next s::text;
  if p_fingerprint <> '' then
    if p_before is null then
      return query
        select coalesce(v.doc, (
          select r.doc from record_versions r where r.district_id = p_district and r.kind = p_kind
            and r.record_id = v.record_id and r.from_seq <= s and r.to_seq > s))
        from visible_versions v
        where v.district_id = p_district and v.fingerprint = p_fingerprint and v.kind = p_kind
          and v.record_id > p_after and v.from_seq <= s and v.to_seq > s
          and (p_role = 0 or v.role_mask & p_role <> 0)
        order by v.record_id limit p_limit;
    else
      return query
        select coalesce(v.doc, (
          select r.doc from record_versions r where r.district_id = p_district and r.kind = p_kind
            and r.record_id = v.record_id and r.from_seq <= s and r.to_seq > s))
        from visible_versions v
        where v.district_id = p_district and v.fingerprint = p_fingerprint and v.kind = p_kind
          and v.record_id < p_before and v.from_seq <= s and v.to_seq > s
          and (p_role = 0 or v.role_mask & p_role <> 0)
        order by v.record_id desc limit p_limit;
    end if;
  elsif p_role > 1 and p_kind = 'user' then
    -- Few people are teachers, staff or contacts: each role has a partial index, which only a literal can reach.
    return query execute format(
      'select doc from record_versions
       where district_id = $1 and kind = ''user'' and role_mask & %s <> 0 and from_seq <= $2 and to_seq > $2
         and record_id %s $3 order by record_id %s limit $4',
      p_role, case when p_before is null then '>' else '<' end, case when p_before is null then '' else 'desc' end)
      using p_district, s, coalesce(p_before, p_after), p_limit;
  elsif p_before is null then
    return query
      select r.doc from record_versions r
      where r.district_id = p_district and r.kind = p_kind and r.record_id > p_after
        and r.from_seq <= s and r.to_seq > s and (p_role = 0 or r.role_mask & p_role <> 0)
      order by r.record_id limit p_limit;
  else
    return query
      select r.doc from record_versions r
      where r.district_id = p_district and r.kind = p_kind and r.record_id < p_before
        and r.from_seq <= s and r.to_seq > s and (p_role = 0 or r.role_mask & p_role <> 0)
      order by r.record_id desc limit p_limit;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.read_record(p_district text, p_grant text, p_fingerprint text, p_kind text, p_id text, p_at bigint)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  -- Most readings are of now, and need no more than the clock.
  s constant bigint := case when p_at is null then (select coalesce(max(d.seq), 0) from districts d where d.id = p_district)
    else pinned_seq(p_district, p_grant, p_fingerprint, p_at) end;
begin
  return next s::text;
  if p_fingerprint <> '' then
    return query
      select coalesce(v.doc, (
        select r.doc from record_versions r where r.district_id = p_district and r.kind = p_kind
          and r.record_id = v.record_id and r.from_seq <= s and r.to_seq > s))
      from visible_versions v
      where v.district_id = p_district and v.fingerprint = p_fingerprint and v.kind = p_kind
        and v.record_id = p_id and v.from_seq <= s and v.to_seq > s;
  else
    return query
      select r.doc from record_versions r
      where r.district_id = p_district and r.kind = p_kind and r.record_id = p_id
        and r.from_seq <= s and r.to_seq > s;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.read_record_now(p_district text, p_kind text, p_id text)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
BEGIN ATOMIC
 SELECT (((d.seq)::text || ' '::text) || COALESCE(r.doc, ''::text))
    FROM (districts d
      LEFT JOIN record_versions r ON (((r.district_id = (d.id)::text) AND (r.kind = read_record_now.p_kind) AND (r.record_id = read_record_now.p_id) AND (r.to_seq = '9223372036854775807'::bigint))))
   WHERE ((d.id)::text = read_record_now.p_district);
END;

CREATE OR REPLACE FUNCTION public.read_referred(p_district text, p_grant text, p_fingerprint text, p_kind text, p_ids text[], p_role integer, p_at bigint, p_after text, p_before text, p_limit integer)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  -- Most readings are of now, and need no more than the clock.
  s constant bigint := case when p_at is null then (select coalesce(max(d.seq), 0) from districts d where d.id = p_district)
    else pinned_seq(p_district, p_grant, p_fingerprint, p_at) end;
begin
  return next s::text;
  return query select read_listed(
    p_district, p_fingerprint, p_kind, p_ids, p_role, s, p_after, p_before, p_limit);
end $function$;

CREATE OR REPLACE FUNCTION public.read_union(p_districts text[], p_grants text[], p_fingerprints text[], p_seqs bigint[], p_kind text, p_role integer, p_after text, p_before text, p_limit integer)
 RETURNS TABLE(place integer, doc text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select scope.place::integer, page.doc
  from unnest(p_districts, p_grants, p_fingerprints, p_seqs) with ordinality scope(district, grant_id, fingerprint, seq, place)
  cross join lateral read_page(
    scope.district, scope.grant_id, scope.fingerprint, p_kind, p_role, scope.seq, p_after, p_before, p_limit
  ) with ordinality page(doc, row)
  where page.row > 1
  order by case when p_before is null then substr(page.doc, 8, 24) end collate "C",
    case when p_before is not null then substr(page.doc, 8, 24) end collate "C" desc
  limit p_limit
$function$;

CREATE OR REPLACE FUNCTION public.readmit_platform_events()
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  update platform_events set xid = '0'
  where exists (select from platform_events where xid >= pg_snapshot_xmax(pg_current_snapshot()));
  update platform_event_floors set xid = '0' where xid >= pg_snapshot_xmax(pg_current_snapshot());
$function$;

CREATE OR REPLACE FUNCTION public.record_platform_event(p_id text, p_app text, p_district text, p_type text, p_data jsonb, p_webhook text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  insert into platform_events (id, app_id, district_id, type, data)
  values (p_id, p_app, p_district, p_type, p_data);
  insert into webhook_deliveries (id, webhook_id, event_id)
  select substr(encode(sha256(convert_to(p_id || w.id, 'UTF8')), 'hex'), 1, 24), w.id, p_id
  from webhooks w
  where w.app_id = p_app and w.is_enabled
    and case when p_webhook is null then w.types = '{}' or p_type = any (w.types) else w.id = p_webhook end
  order by w.id;
$function$;

CREATE OR REPLACE FUNCTION public.record_usage(p_usage jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  missing date[];
begin
  -- Whoever counts needs nobody to have kept the partitions.
  select array_agg(day order by day) into missing
  from (select distinct ((e->>'minute')::timestamptz at time zone 'UTC')::date as day from jsonb_array_elements(p_usage->'calls') e) days
  where to_regclass('usage_minutes_' || to_char(day, 'YYYYMMDD')) is null;
  if missing is not null then
    perform pg_advisory_xact_lock(4736203);
    perform make_day_partition('usage_minutes', day) from unnest(missing) day;
  end if;

  insert into usage_minutes as u
    (district_id, app_id, minute, credential_type, credential_id, route, status, calls, records)
  select e->>'district', e->>'app', date_trunc('minute', (e->>'minute')::timestamptz), e->>'type', e->>'id', e->>'route',
    (e->>'status')::smallint, sum((e->>'calls')::bigint), sum((e->>'records')::bigint)
  from jsonb_array_elements(p_usage->'calls') e
  group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7
  on conflict (district_id, app_id, minute, credential_type, credential_id, route, status) do update
    set calls = u.calls + excluded.calls, records = u.records + excluded.records;

  insert into usage_days as u
    (district_id, app_id, day, credential_type, credential_id, route, status, calls, records)
  select e->>'district', e->>'app', ((e->>'minute')::timestamptz at time zone 'UTC')::date, e->>'type', e->>'id', e->>'route',
    (e->>'status')::smallint, sum((e->>'calls')::bigint), sum((e->>'records')::bigint)
  from jsonb_array_elements(p_usage->'calls') e
  group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7
  on conflict (district_id, app_id, day, credential_type, credential_id, route, status) do update
    set calls = u.calls + excluded.calls, records = u.records + excluded.records;

  insert into served_days as s (district_id, day, app_id, credential_type, kind, calls, records)
  select e->>'district', (e->>'day')::date, e->>'app', e->>'type', e->>'kind',
    sum((e->>'calls')::bigint), sum((e->>'records')::bigint)
  from jsonb_array_elements(p_usage->'served') e
  group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
  on conflict (district_id, day, app_id, credential_type, kind) do update
    set calls = s.calls + excluded.calls, records = s.records + excluded.records;
end $function$;

CREATE OR REPLACE FUNCTION public.record_uses(p_uses jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only', tg_table_name;
end $function$;

CREATE OR REPLACE FUNCTION public.rule_at(p_district text, p_grant text, p_seq bigint)
 RETURNS SETOF grant_rules
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select * from grant_rules r
  where r.district_id = p_district and r.grant_id = p_grant and r.from_seq <= p_seq
  order by r.from_seq desc limit 1
$function$;

CREATE OR REPLACE FUNCTION public.rules_in_force()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'plan', (select jsonb_build_object('announcedAt', p.announced_at, 'steps', p.steps,
               'brownouts', p.brownouts, 'refusedAt', p.refused_at) from sunset_plan p))
$function$;

CREATE OR REPLACE FUNCTION public.shown_now(p_district text, p_fingerprint text, p_kind text, p_ids text[])
 RETURNS TABLE(record_id text, role_mask smallint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if p_fingerprint = '' then
    return query
      select r.record_id, r.role_mask from unnest(p_ids) listed(id)
      cross join lateral (
        select v.record_id, v.role_mask from record_versions v
        where v.district_id = p_district and v.kind = p_kind and v.record_id = listed.id
          and v.to_seq = 9223372036854775807 limit 1) r;
  else
    return query
      select r.record_id, r.role_mask from unnest(p_ids) listed(id)
      cross join lateral (
        select v.record_id, v.role_mask from visible_versions v
        where v.district_id = p_district and v.fingerprint = p_fingerprint and v.kind = p_kind
          and v.record_id = listed.id and v.to_seq = 9223372036854775807 limit 1) r;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.shown_text(p_district text, p_fingerprint text, p_kind text, p_id text, p_seq bigint)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if p_fingerprint <> '' then
    return (
      select coalesce(v.doc, (
        select r.doc from record_versions r where r.district_id = p_district and r.kind = p_kind
          and r.record_id = p_id and r.from_seq <= p_seq and r.to_seq > p_seq))
      from visible_versions v
      where v.district_id = p_district and v.fingerprint = p_fingerprint and v.kind = p_kind
        and v.record_id = p_id and v.from_seq <= p_seq and v.to_seq > p_seq);
  end if;
  return (
    select r.doc from record_versions r where r.district_id = p_district and r.kind = p_kind
      and r.record_id = p_id and r.from_seq <= p_seq and r.to_seq > p_seq);
end $function$;

-- rights

grant insert, select, update on access_tokens to hallpass_token_service;

grant insert, select, update on api_keys to hallpass_admin;

grant insert, select, update on apps to hallpass_admin;

grant select on apps to hallpass_token_service;

grant insert, select on audit_log to hallpass_admin;

grant insert on audit_log to hallpass_token_service;

grant delete, insert, select on authority_changes to hallpass_admin;

grant insert on authority_changes to hallpass_token_service;

grant insert, select, update on authorization_codes to hallpass_token_service;

grant delete, insert, select, update on carried_ids to hallpass_admin;

grant insert, select on client_assertions to hallpass_token_service;

grant insert, select, update on client_secrets to hallpass_admin;

grant insert, select on client_secrets to hallpass_token_service;

grant select on credential_uses to hallpass_admin;

grant delete, select on credential_uses to hallpass_token_service;

grant insert, select, update on data_keys to hallpass_admin;

grant insert, select, update on data_keys to hallpass_token_service;

grant insert, select, update on district_members to hallpass_admin;

grant delete, insert, select, update on district_members to hallpass_token_service;

grant insert, select, update on districts to hallpass_admin;

grant select on districts to hallpass_token_service;

grant insert, select, update on editions to hallpass_admin;

grant select on errand_pieces to hallpass_admin;

grant insert on errand_pieces to hallpass_token_service;

grant delete, select on errands to hallpass_admin;

grant delete, insert, select on errands to hallpass_token_service;

grant execute on function authority_changes_since(text) to hallpass_admin;

grant execute on function authority_changes_since(text) to hallpass_data_api;

grant execute on function authority_changes_since(text) to hallpass_token_service;

grant execute on function clock_offset() to hallpass_admin;

grant execute on function clock_offset() to hallpass_data_api;

grant execute on function clock_offset() to hallpass_token_service;

grant execute on function count_records(text,text,text,text,integer,bigint) to hallpass_data_api;

grant execute on function current_edition() to hallpass_data_api;

grant execute on function delivery_lag() to hallpass_admin;

grant execute on function drop_token_seals(text,text) to hallpass_admin;

grant execute on function drop_token_seals(text,text) to hallpass_token_service;

grant execute on function edition_before(text,timestamp with time zone) to hallpass_data_api;

grant execute on function edition_of(text,bigint) to hallpass_data_api;

grant execute on function find_access_token(bytea[]) to hallpass_data_api;

grant execute on function find_access_token(bytea[]) to hallpass_token_service;

grant execute on function find_api_key(bytea[]) to hallpass_data_api;

grant execute on function find_api_key(bytea[]) to hallpass_token_service;

grant execute on function find_grant(text,text) to hallpass_token_service;

grant execute on function find_token(bytea[]) to hallpass_data_api;

grant execute on function find_token(bytea[]) to hallpass_token_service;

grant execute on function keep_day_partitions(timestamp with time zone) to hallpass_token_service;

grant execute on function key_last_use(text) to hallpass_admin;

grant execute on function key_last_use(text) to hallpass_token_service;

grant execute on function key_mark(jsonb) to hallpass_token_service;

grant execute on function known_records(text,text,text[]) to hallpass_admin;

grant execute on function known_records(text,text,text[]) to hallpass_token_service;

grant execute on function limits_in_force() to hallpass_admin;

grant execute on function limits_in_force() to hallpass_data_api;

grant execute on function limits_in_force() to hallpass_token_service;

grant execute on function locate_record(text[],text[],text[],bigint[],text,text) to hallpass_data_api;

grant execute on function pictures_at_edition(text[],text[],bigint) to hallpass_data_api;

grant execute on function prune_district(text,timestamp with time zone) to hallpass_admin;

grant execute on function read_changes(text,text,text[],text,bigint,text,boolean,integer) to hallpass_data_api;

grant execute on function read_changes_of(text[],text[],text[],text,bigint,text,boolean,integer) to hallpass_data_api;

grant execute on function read_district(text) to hallpass_data_api;

grant execute on function read_linked(text,text,text,text,text[],text,text,integer,bigint,text,text,integer) to hallpass_data_api;

grant execute on function read_linked_of(text,text,text,text,text[],text[],text,integer,bigint,text,text,integer) to hallpass_data_api;

grant execute on function read_page(text,text,text,text,integer,bigint,text,text,integer) to hallpass_data_api;

grant execute on function read_record(text,text,text,text,text,bigint) to hallpass_data_api;

grant execute on function read_record_now(text,text,text) to hallpass_data_api;

grant execute on function read_referred(text,text,text,text,text[],integer,bigint,text,text,integer) to hallpass_data_api;

grant execute on function read_union(text[],text[],text[],bigint[],text,integer,text,text,integer) to hallpass_data_api;

grant execute on function readmit_platform_events() to hallpass_token_service;

grant execute on function record_platform_event(text,text,text,text,jsonb,text) to hallpass_admin;

grant execute on function record_platform_event(text,text,text,text,jsonb,text) to hallpass_token_service;

grant execute on function record_usage(jsonb) to hallpass_admin;

grant execute on function record_usage(jsonb) to hallpass_data_api;

grant execute on function record_usage(jsonb) to hallpass_token_service;

grant execute on function record_uses(jsonb) to hallpass_data_api;

grant execute on function record_uses(jsonb) to hallpass_token_service;

grant execute on function rule_at(text,text,bigint) to hallpass_data_api;

grant execute on function rules_in_force() to hallpass_admin;

grant execute on function rules_in_force() to hallpass_data_api;

grant execute on function rules_in_force() to hallpass_token_service;

grant execute on function shown_now(text,text,text,text[]) to hallpass_data_api;

grant insert, select on grant_changes to hallpass_admin;

grant insert, select, update on grant_rules to hallpass_admin;

grant insert, select, update on grants to hallpass_admin;

grant insert, select on grants to hallpass_token_service;

grant delete, insert, select on held_changes to hallpass_admin;

grant insert, select, update on imports to hallpass_admin;

grant select on imports to hallpass_token_service;

grant select on invitations to hallpass_admin;

grant delete, insert, select, update on invitations to hallpass_token_service;

grant select on key_stages to hallpass_admin;

grant insert, select, update on key_stages to hallpass_token_service;

grant insert, select, update on link_versions to hallpass_admin;

grant insert, select on mails to hallpass_admin;

grant delete, insert, select, update on mails to hallpass_token_service;

grant select, update on movable_clock to hallpass_admin;

grant insert, select, update on operators to hallpass_admin;

grant insert, select, update on partner_members to hallpass_admin;

grant delete, insert, select, update on partner_members to hallpass_token_service;

grant insert, select, update on partners to hallpass_admin;

grant select on partners to hallpass_token_service;

grant insert, select, update on people to hallpass_admin;

grant insert, select, update on people to hallpass_token_service;

grant insert, select, update on person_links to hallpass_admin;

grant delete, insert, select, update on person_links to hallpass_token_service;

grant insert, select, update on platform_event_floors to hallpass_token_service;

grant select on platform_events to hallpass_admin;

grant delete, select on platform_events to hallpass_token_service;

grant insert, select, update on portal_tokens to hallpass_admin;

grant select on portal_tokens to hallpass_token_service;

grant delete, select on previews to hallpass_admin;

grant delete, insert, select on previews to hallpass_token_service;

grant insert, select, update on publications to hallpass_admin;

grant delete, insert, select, update on rate_overrides to hallpass_admin;

grant insert, select, update on rate_policies to hallpass_admin;

grant insert, select, update on record_versions to hallpass_admin;

grant delete, insert, select, update on recovery_codes to hallpass_admin;

grant delete, insert, select, update on recovery_codes to hallpass_token_service;

grant insert on redirect_calls to hallpass_admin;

grant select, update on redirect_calls to hallpass_token_service;

grant select on served_days to hallpass_admin;

grant delete, select on served_days to hallpass_token_service;

grant insert, select, update on sessions to hallpass_admin;

grant delete, insert, select, update on sessions to hallpass_token_service;

grant delete, insert, select, update on sunset_app_plans to hallpass_admin;

grant select on sunset_app_plans to hallpass_token_service;

grant delete, insert, select, update on sunset_extensions to hallpass_admin;

grant select on sunset_extensions to hallpass_token_service;

grant insert, select, update on sunset_plan to hallpass_admin;

grant insert, select, update on sunset_proposals to hallpass_admin;

grant select on token_reveals to hallpass_admin;

grant delete, insert, select on token_reveals to hallpass_token_service;

grant insert on token_seals to hallpass_admin;

grant delete, insert, select on token_seals to hallpass_token_service;

grant insert, select, update on tokens to hallpass_admin;

grant insert, select on tokens to hallpass_token_service;

grant select on usage_days to hallpass_admin;

grant delete, select on usage_days to hallpass_token_service;

grant select on usage_minutes to hallpass_admin;

grant select on usage_minutes to hallpass_token_service;

grant insert, select on viewings to hallpass_admin;

grant select on viewings to hallpass_token_service;

grant insert, select, update on visible_sets to hallpass_admin;

grant insert, select, update on visible_versions to hallpass_admin;

grant select on webhook_attempts to hallpass_admin;

grant insert, select on webhook_attempts to hallpass_token_service;

grant select on webhook_deliveries to hallpass_admin;

grant delete, insert, select, update on webhook_deliveries to hallpass_token_service;

grant delete, insert, select, update on webhook_seals to hallpass_token_service;

grant select on webhooks to hallpass_admin;

grant delete, insert, select, update on webhooks to hallpass_token_service;
