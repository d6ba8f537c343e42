import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dumpSchema, withClient } from '../src/index.js';
import { TestDirectory } from '../src/testing/index.js';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await TestDirectory.open();
});
afterAll(() => directory.close());

describe('the schema', () => {
  it('is the one that schema.sql shows to reviewers', async () => {
    const committed = await readFile(new URL('../schema.sql', import.meta.url), 'utf8');
    expect(await dumpSchema(directory.url)).toBe(committed);
  });

  const refused = async (role: string, sql: string) =>
    withClient(directory.url, async (client) => {
      await client.query(`set role ${role}`);
      return client.query(sql).then(
        () => 'allowed',
        (error: { code: string }) => error.code,
      );
    });
  const INSUFFICIENT_PRIVILEGE = '42501';

  it.each([
    ['hallpass_data_api', 'select from record_versions'],
    ['hallpass_data_api', 'select from tokens'],
    ['hallpass_data_api', 'select from districts'],
    ['hallpass_data_api', 'select from token_seals'],
    ['hallpass_token_service', 'select from record_versions'],
    ['hallpass_token_service', 'select from visible_versions'],
    ['hallpass_token_service', 'select from held_changes'],
    ['hallpass_data_api', 'select from held_changes'],
    ['hallpass_token_service', "select read_record('', '', '', '', '', null)"],
    ['hallpass_token_service', 'update grants set fields = fields'],
    ['hallpass_token_service', 'select lookup from api_keys'],
    ['hallpass_token_service', 'update platform_events set data = data'],
    ['hallpass_data_api', 'select from platform_events'],
    ['hallpass_data_api', "select record_platform_event('', '', '', '', '{}')"],
    ['hallpass_data_api', 'select from usage_minutes'],
    ['hallpass_data_api', 'select from served_days'],
    ['hallpass_data_api', "select make_day_partition('usage_minutes', '2026-01-01')"],
    ['hallpass_admin', 'delete from served_days'],
    ['hallpass_token_service', 'update served_days set records = 0'],
    ['hallpass_data_api', 'select from people'],
    ['hallpass_data_api', 'select from sessions'],
    ['hallpass_token_service', 'select lookup from operators'],
    ['hallpass_token_service', 'update apps set is_enabled = true'],
    ['hallpass_admin', 'delete from partner_members'],
    ['hallpass_admin', 'update webhooks set url = url'],
    ['hallpass_admin', 'update webhook_deliveries set event_id = event_id'],
    ['hallpass_token_service', 'update viewings set reason = reason'],
    ['hallpass_token_service', 'delete from viewings'],
    ['hallpass_admin', 'update viewings set reason = reason'],
    ['hallpass_data_api', 'select from viewings'],
    ['hallpass_admin', 'select from webhook_seals'],
    ['hallpass_admin', 'delete from platform_events'],
    ['hallpass_admin', 'select from token_seals'],
    ['hallpass_admin', 'update audit_log set action = action'],
    ['hallpass_admin', 'delete from audit_log'],
    ['hallpass_admin', 'delete from record_versions'],
  ])('refuses to %s: %s', async (role, sql) => {
    expect(await refused(role, sql)).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it('keeps even its owner from changing the audit log', async () => {
    await directory.operator('auditor');
    await directory.dataSource.query(
      `insert into audit_log (actor_type, action, subject_type, subject_id) values ('system', 'a', 'b', 'c')`,
    );
    await expect(directory.dataSource.query(`update audit_log set action = 'x'`)).rejects.toThrow(
      'append-only',
    );
    await expect(directory.dataSource.query('truncate audit_log')).rejects.toThrow('append-only');
  });

  it('refuses an id that is not one', async () => {
    const bad = directory.dataSource.query(`insert into partners (id, name) values ('xyz', 'n')`);
    await expect(bad).rejects.toThrow('wire_id');
  });
});
