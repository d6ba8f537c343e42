-- When an app's live keys were last tried, let in or not: what was refused is use as well.
create function key_last_use(p_app text) returns timestamptz
language sql stable set search_path = public, pg_temp as $$
  select greatest(
    (select max(u.last_at) from api_keys k join credential_uses u on u.credential_id = k.id
     where k.app_id = p_app and k.revoked_at is null),
    (select max(m.minute) from usage_minutes m
     where m.district_id = '' and m.app_id = p_app and m.minute > now() - interval '35 days'
       and m.credential_id in (select k.id from api_keys k where k.app_id = p_app and k.revoked_at is null)))
$$;
revoke execute on function key_last_use(text) from public;
grant execute on function key_last_use(text) to hallpass_token_service, hallpass_admin;
