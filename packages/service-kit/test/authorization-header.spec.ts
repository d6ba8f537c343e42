import { describe, expect, it } from '@jest/globals';
import { parseAuthorization } from '../src/access/authorization-header.js';
import { pick, randomFrom } from './random.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const key = { scheme: 'basic', user: 'DEMO_KEY', password: '' };

describe('an Authorization header', () => {
  it.each<[string, string | undefined, object]>([
    ['that is absent', undefined, { scheme: 'none' }],
    ['that is empty', '', { scheme: 'none' }],
    ['with a token', 'Bearer abc.DEF-1_~+/==', { scheme: 'bearer', token: 'abc.DEF-1_~+/==' }],
    ['with its scheme in any case', 'bEaReR abc', { scheme: 'bearer', token: 'abc' }],
    ['with more than one space', 'Bearer   abc  ', { scheme: 'bearer', token: 'abc' }],
    ['with base64 of a key', `Basic ${base64('DEMO_KEY')}`, key],
    ['with base64 of a key and a literal colon', `Basic ${base64('DEMO_KEY')}:`, key],
    ['with base64 of a key and a colon', `Basic ${base64('DEMO_KEY:')}`, key],
    ['with base64 without its filler', `Basic ${base64('DEMO_KEY').replace(/=+$/, '')}`, key],
    ['with a pair', `basic ${base64('id:pass')}`, { scheme: 'basic', user: 'id', password: 'pass' }],
    [
      'with colons in the password',
      `Basic ${base64('id:a:b:')}`,
      { scheme: 'basic', user: 'id', password: 'a:b:' },
    ],
  ])('%s is read', (_, header, expected) => {
    expect(parseAuthorization(header)).toEqual(expected);
  });

  it.each([
    ['a scheme alone', 'Bearer'],
    ['a scheme and spaces', 'Bearer   '],
    ['two tokens', 'Bearer abc def'],
    ['a tab between', 'Bearer\tabc'],
    ['a quoted token', 'Bearer "abc"'],
    ['a list', 'Bearer abc, Basic abc'],
    ['filler within', 'Bearer a=b'],
    ['Basic without credentials', 'Basic '],
    ['Basic that is a colon', 'Basic :'],
    ['Basic that is not base64', 'Basic !!!'],
    ['another scheme', 'Digest abc'],
    ['a token without a scheme', 'abc'],
    ['more than any credential has', `Bearer ${'a'.repeat(1025)}`],
  ])('is malformed with %s, and never repeats it', (_, header) => {
    const parsed = parseAuthorization(header);
    expect(parsed.scheme).toBe('malformed');
    expect(JSON.stringify(parsed)).not.toContain('abc');
  });

  it('never throws, whatever it holds, nor yields a token with whitespace or control characters', () => {
    const alphabet = [
      'Bearer ',
      'bearer ',
      'Basic ',
      ' ',
      '\t',
      '\n',
      '\0',
      ':',
      '=',
      'a',
      'Zg',
      '+/',
      'é',
      '\u{1f600}',
      '\ud800',
    ];
    for (let seed = 1; seed <= 5000; seed += 1) {
      const random = randomFrom(seed);
      const header = Array.from({ length: Math.floor(random() * 12) }, () =>
        random() < 0.8 ? pick(random, alphabet) : String.fromCharCode(Math.floor(random() * 0x1_0000)),
      ).join('');
      const parsed = parseAuthorization(header);
      if (parsed.scheme === 'bearer')
        expect([seed, parsed.token]).toEqual([seed, expect.stringMatching(/^[!-~]+$/)]);
    }
  });
});
