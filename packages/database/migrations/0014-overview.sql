-- What staff see of the whole: how far webhooks are behind.
grant select (status, due_at, webhook_id) on webhook_deliveries to hallpass_admin;
grant select (id, is_enabled) on webhooks to hallpass_admin;
