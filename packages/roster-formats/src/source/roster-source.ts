/** A roster folder or archive: named files, each of which may be opened many times. */
export interface RosterSource {
  /** What to call it to the person who sent it. */
  readonly name: string;
  /** File names, without a folder. */
  list(): string[];
  /** The file's bytes. Faults of the medium throw while it is read. */
  open(file: string): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** The file of that name whatever its case, as systems differ on it; the exact one first. */
export function findFile(source: RosterSource, name: string): string | undefined {
  const files = source.list();
  return (
    files.find((file) => file === name) ?? files.find((file) => file.toLowerCase() === name.toLowerCase())
  );
}
