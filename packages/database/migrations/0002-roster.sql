-- The roster. Rows are never overwritten: a version is open from the seq that published it to the seq that closed it.
-- An open version ends at 9223372036854775807 and not at null, so that "in force at seq S" is two comparisons that the
-- index itself answers, whatever the history.

create table imports (
  district_id wire_id not null references districts,
  id wire_id not null,
  status text not null
    check (status in ('running', 'held', 'published', 'unchanged', 'refused', 'failed', 'discarded')),
  -- The seq it published.
  seq bigint,
  -- The district's seq on which its diff stands.
  base_seq bigint,
  -- Hash of the files that were read; equal files need no second reading.
  content_hash bytea,
  kinds jsonb,
  problems jsonb not null default '[]',
  problem_counts jsonb not null default '[]',
  held_kinds jsonb not null default '[]',
  started_by wire_id,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (district_id, id)
);
create unique index imports_one_running on imports (district_id) where status = 'running';

-- When each seq came to be. The edition orders publications across districts: it is drawn last, under a lock held to the
-- commit, so that a reader of several districts who has seen edition N never misses one before it.
create table publications (
  district_id wire_id not null references districts,
  seq bigint not null,
  edition bigint not null,
  published_at timestamptz not null,
  cause text not null check (cause in ('import', 'grant')),
  primary key (district_id, seq)
);
create index publications_edition on publications (district_id, edition);

create table editions (
  is_only boolean primary key default true check (is_only),
  edition bigint not null default 0
);
insert into editions default values;

create table record_versions (
  district_id text collate "C" not null,
  kind text collate "C" not null,
  record_id text collate "C" not null,
  from_seq bigint not null,
  to_seq bigint not null default 9223372036854775807,
  -- md5 of the body without its two times: equal digest, equal record.
  digest uuid not null,
  -- Of a user: 1 student, 2 teacher, 4 staff, 8 contact, 16 district admin.
  role_mask smallint not null default 0,
  -- When the record came, over all its versions since.
  created_at timestamptz not null,
  -- The body as it is served: JSON text that begins {"id":"<record_id>".
  doc text not null,
  primary key (district_id, kind, record_id, from_seq, to_seq)
);
create index record_versions_teachers on record_versions (district_id, record_id, from_seq, to_seq)
  where role_mask & 2 <> 0;
create index record_versions_staff on record_versions (district_id, record_id, from_seq, to_seq)
  where role_mask & 4 <> 0;
create index record_versions_contacts on record_versions (district_id, record_id, from_seq, to_seq)
  where role_mask & 8 <> 0;
create index record_versions_district_admins on record_versions (district_id, record_id, from_seq, to_seq)
  where role_mask & 16 <> 0;
-- What each seq opened and closed, in the order of events (the tail of the id, then the kind); and what is to be pruned. Of
-- a first roster every version is opened at seq 1.
create index record_versions_opened on record_versions (district_id, from_seq, substr(record_id, 10), kind)
  where from_seq > 1;
create index record_versions_closed on record_versions (district_id, to_seq, substr(record_id, 10), kind)
  where to_seq <> 9223372036854775807;

-- Ids that came with an import from another system; every other id follows from the source id (recordIdOf).
create table carried_ids (
  district_id wire_id not null references districts,
  kind text collate "C" not null,
  source_id text collate "C" not null,
  record_id text collate "C" not null,
  primary key (district_id, kind, source_id),
  constraint carried_ids_record_key unique (district_id, record_id)
);
create index carried_ids_record on carried_ids (record_id);

-- What a rule other than the whole roster shows, for the rules that a grant of the district has now or had within the
-- retention. links_fingerprint names the links between what it shows.
create table visible_sets (
  district_id wire_id not null references districts,
  fingerprint text collate "C" not null,
  links_fingerprint text collate "C" not null,
  rule jsonb not null,
  -- What it would have shown before is not known.
  from_seq bigint not null,
  primary key (district_id, fingerprint)
);

-- What such a rule shows: doc is null where that is the roster's own text, else the text with references and fields cut.
create table visible_versions (
  district_id text collate "C" not null,
  fingerprint text collate "C" not null,
  kind text collate "C" not null,
  record_id text collate "C" not null,
  from_seq bigint not null,
  to_seq bigint not null default 9223372036854775807,
  -- md5 of the body as shown, without its two times.
  digest uuid not null,
  role_mask smallint not null default 0,
  -- Came with the set itself: no event for those who had the rule already.
  is_first boolean not null,
  doc text,
  primary key (district_id, fingerprint, kind, record_id, from_seq, to_seq)
);
create index visible_versions_opened
  on visible_versions (district_id, fingerprint, from_seq, substr(record_id, 10), kind) where not is_first;
create index visible_versions_closed
  on visible_versions (district_id, fingerprint, to_seq, substr(record_id, 10), kind)
  where to_seq <> 9223372036854775807;

-- Links that documents do not hold themselves, by the name of what shows them; '' is the roster itself.
create table link_versions (
  district_id text collate "C" not null,
  fingerprint text collate "C" not null,
  relation text collate "C" not null,
  record_id text collate "C" not null,
  from_seq bigint not null,
  to_seq bigint not null default 9223372036854775807,
  ids text[] collate "C" not null,
  primary key (district_id, fingerprint, relation, record_id, from_seq, to_seq)
);
create index link_versions_closed on link_versions (district_id, to_seq)
  where to_seq <> 9223372036854775807;
