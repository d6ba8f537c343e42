-- One role for each service, with the rights it needs and no more. They may not log in until a deployment lets them
-- (ensureServiceLogins), or a login role that is a member of one takes it on.
do $$
declare
  service text;
begin
  foreach service in array array['hallpass_token_service', 'hallpass_data_api', 'hallpass_admin'] loop
    if not exists (select from pg_roles where rolname = service) then
      execute format('create role %I nologin', service);
    end if;
  end loop;
end $$;

revoke execute on all functions in schema public from public;
grant usage on schema public to hallpass_token_service, hallpass_data_api, hallpass_admin;

-- data-api: functions alone.
grant execute on function
  read_page(text, text, text, text, integer, bigint, text, text, integer),
  count_records(text, text, text, text, integer, bigint),
  read_record(text, text, text, text, text, bigint),
  read_linked(text, text, text, text, text[], text, text, integer, bigint, text, text, integer),
  read_referred(text, text, text, text, text[], integer, bigint, text, text, integer),
  rule_at(text, text, bigint),
  shown_now(text, text, text, text[]),
  read_changes(text, text, text[], text, bigint, text, boolean, integer),
  read_changes_of(text[], text[], text[], text, bigint, text, boolean, integer),
  edition_of(text, bigint),
  edition_before(text, timestamptz),
  read_district(text),
  current_edition(),
  pictures_at_edition(text[], text[], bigint),
  read_union(text[], text[], text[], bigint[], text, integer, text, text, integer),
  locate_record(text[], text[], text[], bigint[], text, text),
  find_token(bytea),
  find_api_key(bytea),
  rules_in_force(),
  authority_changes_since(text)
to hallpass_data_api;

-- token-service: reads the directory and the seals, and no roster.
grant select on partners, apps, client_secrets, districts, grants, tokens, token_seals, sunset_extensions
  to hallpass_token_service;
grant execute on function
  find_token(bytea), find_api_key(bytea), rules_in_force(), authority_changes_since(text)
to hallpass_token_service;

-- admin: keeps the directory and publishes rosters; writes seals without being able to read them.
grant select, insert, update on
  partners, apps, client_secrets, api_keys, operators, districts, grants, tokens, sunset_plan, rate_policies,
  imports, publications, editions, record_versions, visible_versions, link_versions, visible_sets, grant_rules
to hallpass_admin;
grant select, insert, update, delete on sunset_extensions, carried_ids to hallpass_admin;
grant select, insert on grant_changes to hallpass_admin;
grant insert on token_seals to hallpass_admin;
grant select, insert on audit_log to hallpass_admin;
grant select, insert, delete on authority_changes to hallpass_admin;
grant execute on function rules_in_force(), authority_changes_since(text) to hallpass_admin;
do $$
begin
  -- Imports stage a roster in temporary tables.
  execute format('grant temporary on database %I to hallpass_admin', current_database());
end $$;
