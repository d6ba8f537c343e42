/** What a child is told to do, as its one argument in JSON. */
export interface ImportJob {
  url: string;
  folder: string;
  districtId: string;
  /** Part of the content hash: another one has equal files read as if they were new. */
  salt: string;
}

export interface CopyJob {
  url: string;
  folder: string;
}

export interface JobResult {
  milliseconds: number;
  /** The most memory that the process has held, in MiB. */
  peakMiB: number;
  processorMs: number;
  status: string;
}

export function jobOf<T>(): T {
  return JSON.parse(process.argv[2] ?? '') as T;
}

/** Times the work and hands the result to the parent. */
export async function answerWith(work: () => Promise<string>): Promise<void> {
  const [before, start] = [process.cpuUsage(), performance.now()];
  const status = await work();
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const result: JobResult = {
    milliseconds,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    processorMs: (user + system) / 1000,
    status,
  };
  process.send?.(result, () => process.disconnect());
}
