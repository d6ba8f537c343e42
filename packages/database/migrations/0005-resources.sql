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

revoke execute on function
  read_linked_of(text, text, text, text, text[], text[], text, integer, bigint, text, text, integer)
from public;
grant execute on function
  read_linked_of(text, text, text, text, text[], text[], text, integer, bigint, text, text, integer)
to hallpass_data_api;
