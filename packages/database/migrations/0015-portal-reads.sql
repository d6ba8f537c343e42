-- What the portal shows of a district's imports: their reports, which hold no record.
grant select on imports to hallpass_token_service;
