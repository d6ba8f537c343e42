import { median, medianRatio, digits, type Figure, type Measured } from '../figures.js';
import { load, type Server, type Target } from '../pages/load.js';
import { timeOf, timeOfChildren } from '../processor-time.js';
import { Connection } from './connection.js';

/** A server, what it is asked for, and whose processor time that costs. */
export interface Side {
  name: string;
  server: Server;
  pid: number;
  targets: readonly Target[];
}

/** Two sides that are measured in turn, and how the one may compare to the other. */
export interface Comparison {
  what: string;
  against: string;
  /** Of what the figure is a ratio: answers a second under load, or the median time of one connection's requests. */
  by: 'throughput' | 'latency';
  wanted?: Figure['wanted'];
  ours: Side;
  theirs: Side;
}

interface Sample {
  perSecond: number;
  /** Median of one connection, in milliseconds. */
  latency: number;
  /** Processor time per answer, in milliseconds. */
  server: number;
  postgres: number;
}

const LOAD_MS = { throughput: 2000, latency: 1000 };
const LATENCY_MS = 2000;
const WARM_UP_MS = 1000;

/** A comparison with what its rounds gave. */
export class Measurement {
  readonly #comparison: Comparison;
  readonly #postmaster: number;
  readonly #ours: Sample[] = [];
  readonly #theirs: Sample[] = [];

  constructor(comparison: Comparison, postmaster: number) {
    this.#comparison = comparison;
    this.#postmaster = postmaster;
  }

  async warmUp(): Promise<void> {
    for (const { server, targets } of this.#sides()) await load(server, targets, WARM_UP_MS);
  }

  async round(): Promise<void> {
    const { by, ours, theirs } = this.#comparison;
    const [latency, theirLatency] = await alternately(ours, theirs);
    const theirLoad = await this.#load(theirs, LOAD_MS[by]);
    this.#theirs.push({ ...theirLoad, latency: theirLatency });
    this.#ours.push({ ...(await this.#load(ours, LOAD_MS[by])), latency });
  }

  get lastRatio(): number {
    const field = this.#field();
    return (this.#ours.at(-1)?.[field] ?? NaN) / (this.#theirs.at(-1)?.[field] ?? NaN);
  }

  figure(): Figure {
    const { what, against, wanted } = this.#comparison;
    return { what, against, ratio: this.#ratio(this.#field()), ...(wanted ? { wanted } : {}) };
  }

  measured(): Measured[] {
    return this.#sides().map(({ name }, place) => {
      const samples = place === 0 ? this.#ours : this.#theirs;
      const of = (field: keyof Sample) => digits(median(samples.map((each) => each[field])));
      const times = `${of('latency')} ms; ${of('perSecond')} a second`;
      return { what: name, value: `${times}; ${of('server')} ms of Node, ${of('postgres')} ms of Postgres` };
    });
  }

  #sides(): [Side, Side] {
    return [this.#comparison.ours, this.#comparison.theirs];
  }

  #field(): 'perSecond' | 'latency' {
    return this.#comparison.by === 'throughput' ? 'perSecond' : 'latency';
  }

  #ratio(field: keyof Sample): number {
    const of = (samples: readonly Sample[]) => samples.map((each) => each[field]);
    return medianRatio(of(this.#ours), of(this.#theirs));
  }

  async #load({ server, targets, pid }: Side, milliseconds: number): Promise<Omit<Sample, 'latency'>> {
    const times = () => Promise.all([timeOf(pid), timeOfChildren(this.#postmaster)]);
    const [before, start] = [await times(), performance.now()];
    const count = await load(server, targets, milliseconds);
    const [after, end] = [await times(), performance.now()];
    return {
      perSecond: (count / (end - start)) * 1000,
      server: (after[0] - before[0]) / count,
      postgres: (after[1] - before[1]) / count,
    };
  }
}

/** The median times of both, asked for in turn, request by request, so that what disturbs the one disturbs the other. */
async function alternately(ours: Side, theirs: Side): Promise<[number, number]> {
  const connections = [ours, theirs].map(({ server }) => new Connection(server));
  const times: [number[], number[]] = [[], []];
  try {
    const until = performance.now() + LATENCY_MS;
    for (let number = 0; performance.now() < until; number += 1) {
      for (const [place, { targets }] of [ours, theirs].entries()) {
        // In a step that visits all of them, whatever their number.
        const target = targets[(number * 7919) % targets.length] as Target;
        times[place]?.push((await connections[place]?.time(target)) ?? NaN);
      }
    }
  } finally {
    for (const connection of connections) connection.close();
  }
  return [median(times[0]), median(times[1])];
}
