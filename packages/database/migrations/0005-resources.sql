-- Resources are records of a kind of their own, and need no column more. What a person's sections lead to is read over the links
-- of several records at once, in the manner of read_linked.
create function read_linked_of(
  p_district text, p_grant text, p_fingerprint text, p_links text, p_relations text[], p_ids text[], p_kind text, p_role integer,
  p_at bigint, p_after text, p_before text, p_limit integer
) returns setof text
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  -- Most readings are of now, and need no more than the clock.
  s constant bigint := case when p_at is null then (select coalesce(max(d.seq), 0) from districts d where d.id = p_district)
    else pinned_seq(p_district, p_grant, p_fingerprint, p_at) end;
begin
  return next s::text;
  return query select read_listed(
    p_district, p_fingerprint, p_kind, linked_ids(p_district, p_links, p_relations, p_ids, s),
    p_role, s, p_after, p_before, p_limit);
end $$;

-- One record of the whole roster as it is now: the seq, a space, and the body, or nothing in its place. What read_record does for
-- most who ask, in one statement whose names are bound when it is made: no search path has to be set for it.
create function read_record_now(p_district text, p_kind text, p_id text) returns text
language sql stable security definer
begin atomic
  select d.seq::text || ' ' || coalesce(r.doc, '')
  from districts d
  left join record_versions r on r.district_id = d.id and r.kind = p_kind and r.record_id = p_id
    and r.to_seq = 9223372036854775807
  where d.id = p_district;
end;

revoke execute on function
  read_linked_of(text, text, text, text, text[], text[], text, integer, bigint, text, text, integer),
  read_record_now(text, text, text)
from public;
grant execute on function
  read_linked_of(text, text, text, text, text[], text[], text, integer, bigint, text, text, integer),
  read_record_now(text, text, text)
to hallpass_data_api;
