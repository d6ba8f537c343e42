-- Lists stand in the order in which people look for things: districts by name, imports the latest first.
create index districts_name on districts (lower(name), id);
create index imports_latest on imports (district_id, started_at, id);
-- Staff look through those of all districts, most often for what waits.
create index imports_of_all on imports (started_at, id);
create index imports_held on imports (started_at, id) where status = 'held';
