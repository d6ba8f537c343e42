-- What staff see of the whole: how far webhooks are behind, all of them together. The rows themselves are the token service's.
create function delivery_lag() returns table (pending integer, dead integer, overdue_seconds integer)
language sql stable security definer set search_path = public, pg_temp as $$
  select
    count(*) filter (where d.status = 'pending')::integer,
    count(*) filter (where d.status = 'dead')::integer,
    greatest(0, coalesce(extract(epoch from now() - min(d.due_at) filter (where d.status = 'pending' and w.is_enabled)), 0))::integer
  from webhook_deliveries d join webhooks w on w.id = d.webhook_id
  where d.status <> 'delivered'
$$;
revoke execute on function delivery_lag() from public;
grant execute on function delivery_lag() to hallpass_admin;
