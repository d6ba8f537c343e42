import { describe, expect, it } from '@jest/globals';
import { type SunsetPlan, sunsetStage } from '@hallpass/domain';
import { sunsetPlanAt } from './demo-plan.js';

const NOW = new Date('2026-11-24T16:20:00Z');
const DAY_MS = 86_400_000;

function planOf(now: Date): SunsetPlan {
  const { announcedAt, steps, brownouts, refusedAt } = sunsetPlanAt(now);
  return {
    announcedAt: new Date(announcedAt),
    steps: steps.map(({ from, ...step }) => ({ from: new Date(from), ...step })),
    brownouts: brownouts.map(({ from, until }) => ({ from: new Date(from), until: new Date(until) })),
    refusedAt: new Date(refusedAt),
  };
}

describe('sunsetPlanAt', () => {
  it.each([
    [-61, { stage: 'open' }],
    [-30, { stage: 'announced' }],
    [0, { stage: 'slowed', requestsPerMinute: 120 }],
    [89, { stage: 'slowed', requestsPerMinute: 120 }],
    [90, { stage: 'refused' }],
  ])('puts API keys, %s days from the start, in the stage %j', (days, stage) => {
    expect(sunsetStage(planOf(NOW), null, new Date(NOW.getTime() + days * DAY_MS))).toEqual(stage);
  });

  it('has two brownouts to come', () => {
    const { brownouts } = planOf(NOW);
    expect(brownouts).toHaveLength(2);
    for (const { from, until } of brownouts) {
      expect(from > NOW && until > from).toBe(true);
      expect(sunsetStage(planOf(NOW), null, from)).toEqual({ stage: 'brownout', until });
    }
  });
});
