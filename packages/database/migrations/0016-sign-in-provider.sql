-- When an identity provider last vouched for a person: who has come in this way has been here, with or without a password.
alter table people add vouched_at timestamptz;
