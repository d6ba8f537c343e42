-- The second wall between districts. The data API's role owns nothing and may read no table: it may only execute these
-- functions, and every one that reads a roster demands the district. A query that forgot its predicate cannot be written.

-- The rule that a grant had at a seq; no row when it was not there yet.
create function rule_at(p_district text, p_grant text, p_seq bigint) returns setof grant_rules
language sql stable security definer set search_path = public, pg_temp as $$
  select * from grant_rules r
  where r.district_id = p_district and r.grant_id = p_grant and r.from_seq <= p_seq
  order by r.from_seq desc limit 1
$$;

-- The pinned seq, if that picture is still kept and the grant's rule showed it. A picture from under another rule is told
-- apart: it is read by that rule, and cut by what is shared now.
create function pinned_seq(p_district text, p_grant text, p_fingerprint text, p_at bigint) returns bigint
language plpgsql stable as $$
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
end $$;

-- A page of one kind as a rule shows it: the seq first, then bodies by id. Backwards (p_before given) the bodies come in
-- descending order. p_role: 0 for all, else a bit of role_mask.
create function read_page(
  p_district text, p_grant text, p_fingerprint text, p_kind text, p_role integer,
  p_at bigint, p_after text, p_before text, p_limit integer
) returns setof text
language plpgsql stable security definer set search_path = public, pg_temp as $$
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
end $$;

-- How many records of a kind a rule shows, as text, after the seq.
create function count_records(
  p_district text, p_grant text, p_fingerprint text, p_kind text, p_role integer, p_at bigint
) returns setof text
language plpgsql stable security definer set search_path = public, pg_temp as $$
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
end $$;

-- One record as a rule shows it, after the seq; the seq alone when it shows none.
create function read_record(p_district text, p_grant text, p_fingerprint text, p_kind text, p_id text, p_at bigint)
returns setof text
language plpgsql stable security definer set search_path = public, pg_temp as $$
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
end $$;

-- The ids that a record's links lead to, as a rule shows them.
create function linked_ids(p_district text, p_links text, p_relations text[], p_ids text[], p_seq bigint)
returns text[]
language sql stable as $$
  select coalesce(array_agg(distinct linked.id order by linked.id), '{}')
  from link_versions l, unnest(l.ids) linked(id)
  where l.district_id = p_district and l.fingerprint = p_links and l.relation = any (p_relations)
    and l.record_id = any (p_ids) and l.from_seq <= p_seq and l.to_seq > p_seq
$$;

-- The bodies of one kind whose ids are given, in the manner of read_page. A rule shows of them what it shows at all. Each id is
-- looked up by the whole primary key, whatever the statistics say.
create function read_listed(
  p_district text, p_fingerprint text, p_kind text, p_ids text[], p_role integer,
  p_seq bigint, p_after text, p_before text, p_limit integer
) returns setof text
language plpgsql stable as $$
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
end $$;

-- A page of the records that one record leads to: over links, in the manner of read_page.
create function read_linked(
  p_district text, p_grant text, p_fingerprint text, p_links text, p_relations text[], p_id text, p_kind text, p_role integer,
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
    p_district, p_fingerprint, p_kind, linked_ids(p_district, p_links, p_relations, array[p_id], s),
    p_role, s, p_after, p_before, p_limit);
end $$;

-- The same over ids that the caller has read from a body that the rule shows.
create function read_referred(
  p_district text, p_grant text, p_fingerprint text, p_kind text, p_ids text[], p_role integer,
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
    p_district, p_fingerprint, p_kind, p_ids, p_role, s, p_after, p_before, p_limit);
end $$;

-- A district's own row.
create function read_district(p_district text)
returns table (id text, name text, seq bigint, last_import_at timestamptz, created_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select d.id, d.name, d.seq, d.last_import_at, d.created_at from districts d where d.id = p_district
$$;

-- For keys, which read several districts: the edition now.
create function current_edition() returns bigint
language sql stable security definer set search_path = public, pg_temp as $$
  select edition from editions
$$;

-- The pictures of a key's districts at an edition, in the order given: the seq, and what named what the grant showed then; no
-- name where the grant is younger.
create function pictures_at_edition(p_districts text[], p_grants text[], p_edition bigint)
returns table (seq bigint, fingerprint text, links_fingerprint text)
language sql stable security definer set search_path = public, pg_temp as $$
  select at.seq, r.fingerprint, r.links_fingerprint
  from unnest(p_districts, p_grants) with ordinality scope(district, grant_id, place)
  cross join lateral (
    select coalesce((
      select p.seq from publications p
      where p.district_id = scope.district and p.edition <= p_edition order by p.edition desc limit 1), 0) seq
  ) at
  left join lateral rule_at(scope.district, scope.grant_id, at.seq) r on true
  order by scope.place
$$;

-- Pages of several districts, each with its rule and seq, merged by id: which district (1-based), then the body. The caller
-- leaves out those whose grant is younger than the picture.
create function read_union(
  p_districts text[], p_grants text[], p_fingerprints text[], p_seqs bigint[], p_kind text, p_role integer,
  p_after text, p_before text, p_limit integer
) returns table (place integer, doc text)
language sql stable security definer set search_path = public, pg_temp as $$
  select scope.place::integer, page.doc
  from unnest(p_districts, p_grants, p_fingerprints, p_seqs) with ordinality scope(district, grant_id, fingerprint, seq, place)
  cross join lateral read_page(
    scope.district, scope.grant_id, scope.fingerprint, p_kind, p_role, scope.seq, p_after, p_before, p_limit
  ) with ordinality page(doc, row)
  where page.row > 1
  order by case when p_before is null then substr(page.doc, 8, 24) end collate "C",
    case when p_before is not null then substr(page.doc, 8, 24) end collate "C" desc
  limit p_limit
$$;

-- In which of a key's districts a record is shown (1-based); no row when in none.
create function locate_record(
  p_districts text[], p_grants text[], p_fingerprints text[], p_seqs bigint[], p_kind text, p_id text
)
returns table (place integer)
language sql stable security definer set search_path = public, pg_temp as $$
  select scope.place::integer
  from unnest(p_districts, p_grants, p_fingerprints, p_seqs) with ordinality scope(district, grant_id, fingerprint, seq, place)
  cross join lateral read_record(scope.district, scope.grant_id, scope.fingerprint, p_kind, p_id, scope.seq)
    with ordinality found(doc, row)
  where found.row = 2
  limit 1
$$;

-- For pictures from under an earlier rule: those of these records that the rule of now shows, with the roles it shows.
create function shown_now(p_district text, p_fingerprint text, p_kind text, p_ids text[])
returns table (record_id text, role_mask smallint)
language plpgsql stable security definer set search_path = public, pg_temp as $$
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
end $$;

-- One record as a rule showed it at a seq, or null.
create function shown_text(p_district text, p_fingerprint text, p_kind text, p_id text, p_seq bigint) returns text
language plpgsql stable as $$
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
end $$;

-- The records that one publication changed for a grant, in the order of events, from a place on: keys alone. The seq stands in
-- the text of the statement, for partial indexes are reached by nothing else.
create function changed_keys(
  p_district text, p_grant text, p_before text, p_after text, p_seq bigint, p_kinds text[], p_record text,
  p_tail text, p_is_back boolean, p_limit integer
) returns table (kind text, record_id text)
language plpgsql stable as $$
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
end $$;

-- What publications changed for a grant, in the order of events: each record as it was shown before and after, null where it was
-- not, beside the names of the rules that showed it. From a place (edition, tail of the id) on, or backwards from it, with what
-- stands at the place itself.
create function read_changes(
  p_district text, p_grant text, p_kinds text[], p_record text,
  p_edition bigint, p_tail text, p_is_back boolean, p_limit integer
) returns table (
  edition bigint, published_at timestamptz, kind text, record_id text,
  before_mark text, after_mark text, before text, after text
)
language plpgsql stable security definer set search_path = public, pg_temp as $$
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
end $$;

-- The same over several districts, for keys: which of them (1-based) beside each change.
create function read_changes_of(
  p_districts text[], p_grants text[], p_kinds text[], p_record text,
  p_edition bigint, p_tail text, p_is_back boolean, p_limit integer
) returns table (
  place integer, edition bigint, published_at timestamptz, kind text, record_id text,
  before_mark text, after_mark text, before text, after text
)
language sql stable security definer set search_path = public, pg_temp as $$
  select scope.place::integer, c.*
  from unnest(p_districts, p_grants) with ordinality scope(district, grant_id, place)
  cross join lateral read_changes(
    scope.district, scope.grant_id, p_kinds, p_record, p_edition, p_tail, p_is_back, p_limit) c
  order by case when p_is_back then -c.edition else c.edition end,
    case when p_is_back then null else substr(c.record_id, 10) end collate "C",
    case when p_is_back then substr(c.record_id, 10) end collate "C" desc
  fetch first p_limit rows with ties
$$;

-- The newest edition of a district that was published before an instant.
create function edition_before(p_district text, p_instant timestamptz) returns bigint
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce((
    select p.edition from publications p
    where p.district_id = p_district and p.published_at < p_instant order by p.seq desc limit 1), 0)
$$;

-- The edition of a district's seq: where the events after that picture begin.
create function edition_of(p_district text, p_seq bigint) returns bigint
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce((
    select p.edition from publications p
    where p.district_id = p_district and p.seq <= p_seq order by p.seq desc limit 1), 0)
$$;

-- Forgets what a district looked like before an instant: moves the floor to the newest publication before it, and drops what was
-- closed by then, and sets that no grant has had since. Answers how many versions went.
create function prune_district(p_district text, p_instant timestamptz) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
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
end $$;

-- Credentials, by keyed hash: what decideAccess has to know, or no row.
create function grant_facts(g grants) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'id', g.id, 'appId', g.app_id, 'districtId', g.district_id, 'status', g.status, 'selection', g.selection,
    'fields', g.fields, 'fingerprint', g.fingerprint, 'startsAt', g.starts_at, 'endsAt', g.ends_at, 'isNarrowing', g.narrowing_to is not null)
$$;

create function app_facts(a apps) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'id', a.id, 'name', a.name, 'clientId', a.client_id, 'isEnabled', a.is_enabled,
    'extension', (select jsonb_build_object('until', e.until, 'reason', e.reason)
                  from sunset_extensions e where e.app_id = a.id))
$$;

create function find_token(p_lookup bytea) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'token', jsonb_build_object(
      'id', t.id, 'grantId', t.grant_id, 'expiresAt', t.expires_at, 'revokedAt', t.revoked_at),
    'app', app_facts(a), 'grants', jsonb_build_array(grant_facts(g)))
  from tokens t
  join apps a on a.id = t.app_id
  join grants g on g.district_id = t.district_id and g.id = t.grant_id
  where t.lookup = p_lookup
$$;

create function find_api_key(p_lookup bytea) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'key', jsonb_build_object('id', k.id, 'appId', k.app_id, 'revokedAt', k.revoked_at),
    'app', app_facts(a),
    'grants', coalesce((select jsonb_agg(grant_facts(g) order by g.district_id) from grants g
                        where g.app_id = a.id and g.status <> 'revoked'), '[]'))
  from api_keys k join apps a on a.id = k.app_id
  where k.lookup = p_lookup
$$;

-- The plan and the policies that every service enforces.
create function rules_in_force() returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'plan', (select jsonb_build_object('announcedAt', p.announced_at, 'steps', p.steps,
               'brownouts', p.brownouts, 'refusedAt', p.refused_at) from sunset_plan p),
    'policies', (select coalesce(jsonb_agg(jsonb_build_object('name', r.name, 'subject', r.subject,
               'requestsMax', r.requests_max, 'windowSeconds', r.window_seconds, 'mode', r.mode)), '[]')
               from rate_policies r))
$$;

-- What changed since a process last looked: {"next": <pass this the next time>, "changes": [[subject type, id], ...]}. Without
-- a mark it says where to begin. A change may be told twice, and none is missed.
create function authority_changes_since(p_mark text) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'next', pg_snapshot_xmin(pg_current_snapshot())::text,
    'changes', coalesce((
      select jsonb_agg(jsonb_build_array(c.subject_type, c.subject_id)) from authority_changes c
      where p_mark is not null and c.xid >= p_mark::xid8), '[]'))
$$;
