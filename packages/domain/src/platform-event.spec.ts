import { describe, expect, it } from '@jest/globals';
import { PLATFORM_EVENT_TYPES, isPlatformEventType, stageEvent, stageMark } from './platform-event.js';
import type { SunsetStage } from './sunset.js';

const until = new Date('2027-03-01T12:00:00Z');

describe('a platform event', () => {
  it('has a type that says of what and what happened, no two alike', () => {
    for (const type of PLATFORM_EVENT_TYPES) expect(type).toMatch(/^[a-z]+\.[a-z]+$/);
    expect(new Set(PLATFORM_EVENT_TYPES).size).toBe(PLATFORM_EVENT_TYPES.length);
  });

  it.each([
    ['grant.approved', true],
    ['grant', false],
    ['toString', false],
    ['', false],
  ])('may be of type %j: %s', (text, is) => {
    expect(isPlatformEventType(text)).toBe(is);
  });
});

describe('a stage of the sunset plan', () => {
  const STAGES: [SunsetStage, string, unknown][] = [
    [{ stage: 'open' }, 'open', null],
    [{ stage: 'announced' }, 'announced', { type: 'key.announced', data: {} }],
    [
      { stage: 'slowed', requestsPerMinute: 60 },
      'slowed 60',
      { type: 'key.slowed', data: { requestsPerMinute: 60 } },
    ],
    [
      { stage: 'brownout', until },
      'brownout 2027-03-01T12:00:00.000Z',
      { type: 'key.brownout', data: { until: '2027-03-01T12:00:00.000Z' } },
    ],
    [{ stage: 'refused' }, 'refused', { type: 'key.refused', data: {} }],
  ];
  it.each(STAGES)('%j is %s, and told of as it should be', (stage, mark, event) => {
    expect([stageMark(stage), stageEvent(stage, null)]).toEqual([mark, event]);
  });

  it('of a notice that stands again after a brownout nothing is told', () => {
    const announced: SunsetStage = { stage: 'announced' };
    expect(['open', 'brownout x', 'slowed 60'].map((before) => stageEvent(announced, before))).toEqual([
      { type: 'key.announced', data: {} },
      null,
      null,
    ]);
  });
});
