-- How a held import differs from the roster, record by record, for as long as it waits for an answer: what it would publish is
-- in its archive alone.
create table held_changes (
  district_id wire_id not null,
  import_id wire_id not null,
  kind text collate "C" not null,
  -- Its name as it is searched and sorted by, and its id.
  place text collate "C" not null,
  record_id text collate "C" not null,
  type text collate "C" not null check (type in ('created', 'updated', 'deleted')),
  -- Of what it is and of what it would be.
  role_mask smallint not null,
  title text not null,
  -- As it would be; null: it would be gone.
  body text,
  primary key (district_id, import_id, kind, place),
  foreign key (district_id, import_id) references imports
);

grant select, insert, delete on held_changes to hallpass_admin;
