import { cell, table } from './text.js';
import type { Import, ImportProblem, ProblemCount } from './wire.js';

const LINES_SHOWN = 3;
const CLASSES = ['refused', 'skipped', 'repaired'];

const MEANING: Record<string, string> = {
  refused: 'Refused: nothing lands while these remain',
  skipped: 'Skipped: these rows could not be read; records they had before are kept',
  repaired: 'Repaired: read all the same, nothing lost',
};

/** An import as a person reads it: what became of it, counts by kind, then problems, the gravest first. */
export function importReport(done: Import, districtId: string): string {
  return [headline(done), counts(done), problems(done), nextStep(done, districtId)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headline({ status, seq, id, heldKinds = [] }: Import): string {
  switch (status) {
    case 'published':
      return `Published as seq ${seq} (import ${id}).`;
    case 'unchanged':
      return `Nothing changed: the roster is as it was (import ${id}).`;
    case 'held':
      return `Held: it would delete much of ${heldKinds.join(', ') || 'the roster'}. Nothing has landed (import ${id}).`;
    case 'refused':
      return `Refused: nothing has landed, and the last roster goes on being served (import ${id}).`;
    case 'failed':
      return `Failed: nothing has landed, and the last roster goes on being served (import ${id}).`;
    case 'discarded':
      return `Discarded: nothing has landed (import ${id}).`;
    case 'running':
      return `Running (import ${id}).`;
  }
}

function counts({ kinds }: Import): string {
  const rows = Object.entries(kinds)
    .filter(([, change]) => change.created + change.updated + change.deleted + change.unchanged > 0)
    .map(([kind, change]) => [kind, change.created, change.updated, change.deleted, change.unchanged]);
  return rows.length === 0 ? '' : table(['KIND', 'CREATED', 'UPDATED', 'DELETED', 'UNCHANGED'], rows);
}

function problems({ problems: listed, problemCounts }: Import): string {
  return CLASSES.flatMap((name) => {
    const groups = problemCounts.filter((group) => group.class === name);
    return groups.length === 0
      ? []
      : [[MEANING[name], ...groups.map((group) => describe(group, listed))].join('\n')];
  }).join('\n\n');
}

function describe(group: ProblemCount, listed: ImportProblem[]): string {
  const members = listed.filter(
    ({ class: name, code, file }) => name === group.class && code === group.code && file === group.file,
  );
  const mend = members[0]?.mend;
  const rest = group.count - Math.min(members.length, LINES_SHOWN);
  return [
    `  ${cell(group.file ?? 'the roster')}: ${group.code} (${group.count})`,
    ...members.slice(0, LINES_SHOWN).map((each) => `    ${place(each)}${cell(each.message)}`),
    ...(rest > 0 && members.length > 0 ? [`    … and ${rest} more; --json lists them`] : []),
    ...(mend ? [`    Mend: ${cell(mend)}`] : []),
  ].join('\n');
}

function place({ line, column }: ImportProblem): string {
  const parts = [
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(column === undefined ? [] : [cell(column)]),
  ];
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}

function nextStep({ status, id }: Import, districtId: string): string {
  switch (status) {
    case 'held':
      return [
        'What to do: check that the export is whole. Then one of',
        `  hallpass import confirm --district ${districtId} ${id}`,
        `  hallpass import discard --district ${districtId} ${id}`,
      ].join('\n');
    case 'refused':
      return 'What to do: mend what is refused above, and import again.';
    case 'failed':
      return 'What to do: import again; if it fails again, look into the log of the admin service.';
    case 'running':
      return `What to do: hallpass import show --district ${districtId} ${id}`;
    case 'published':
    case 'unchanged':
    case 'discarded':
      return '';
  }
}
