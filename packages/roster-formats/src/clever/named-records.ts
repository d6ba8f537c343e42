import type { CourseSource, SourceId, TermSource } from '@hallpass/domain';
import { present } from '../cells/present.js';
import { IdIndex } from '../tables/id-index.js';
import { joinedId, wordsOf } from './source-ids.js';

/** Courses or terms, which have no file: each distinct set of words that some section has for one. */
class NamedRecords {
  readonly #ids = new IdIndex();

  /** The id of what these words name; undefined when they say nothing. */
  idOf(words: readonly (string | undefined)[]): SourceId | undefined {
    return words.some((word) => word) ? joinedId(words.map((word) => word ?? '')) : undefined;
  }

  note(id: SourceId | undefined): void {
    if (id !== undefined) this.#ids.internText(id);
  }

  *ids(): Generator<SourceId> {
    for (let each = 0; each < this.#ids.size; each++) yield this.#ids.idAt(each);
  }
}

export class NamedCourses extends NamedRecords {
  *records(): Generator<CourseSource> {
    for (const sourceId of this.ids()) {
      const [number, name] = wordsOf(sourceId);
      yield { kind: 'course', sourceId, ...present({ name, number }) };
    }
  }
}

export class NamedTerms extends NamedRecords {
  *records(): Generator<TermSource> {
    for (const sourceId of this.ids()) {
      const [name, startDate, endDate] = wordsOf(sourceId);
      yield { kind: 'term', sourceId, ...present({ name, startDate, endDate }) };
    }
  }
}
