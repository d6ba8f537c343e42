import { ProblemList, type RecordKind, type SourceId, type SourceRecord } from '@hallpass/domain';
import { FileReport } from '../csv/file-report.js';
import type { TableShape } from '../csv/header.js';
import type { ReadingOptions, RosterReading } from '../roster-reading.js';
import type { RosterSource } from '../source/roster-source.js';
import { Classes } from './classes.js';
import { Courses } from './courses.js';
import { Demographics } from './demographics.js';
import { Enrollments } from './enrollments.js';
import { checkManifest } from './manifest.js';
import { Orgs } from './orgs.js';
import { RosterFile } from '../tables/passes.js';
import { Sessions } from './sessions.js';
import { Resources } from './resources.js';
import {
  CLASSES,
  CLASS_RESOURCES,
  COURSES,
  COURSE_RESOURCES,
  DEMOGRAPHICS,
  ENROLLMENTS,
  ORGS,
  RESOURCES,
  SESSIONS,
  USERS,
} from './shapes.js';
import { Users, type ElsewhereOfUser } from './users.js';

/** Reads OneRoster 1.1 CSV in bulk mode; undefined when it is refused. */
export async function readOneRoster(
  source: RosterSource,
  { problems, previous }: ReadingOptions,
): Promise<RosterReading | undefined> {
  await checkManifest(source, problems);
  if (problems.isRefused) return undefined;
  const reading = new OneRosterReading(source, problems);
  await reading.check(previous);
  return problems.isRefused ? undefined : reading;
}

class OneRosterReading implements RosterReading {
  readonly format = 'oneroster-1.1';
  readonly keepsRelated = false;
  readonly #orgs: Orgs;
  readonly #sessions: Sessions;
  readonly #courses: Courses;
  readonly #classes: Classes;
  readonly #users: Users;
  readonly #demographics: Demographics;
  readonly #enrollments: Enrollments;
  readonly #resources: Resources;

  constructor(
    source: RosterSource,
    readonly problems: ProblemList,
  ) {
    const file = <Column extends string>(shape: TableShape<Column>) =>
      new RosterFile(source, shape, problems);
    this.#orgs = new Orgs(file(ORGS));
    this.#sessions = new Sessions(file(SESSIONS));
    this.#courses = new Courses(file(COURSES));
    this.#classes = new Classes(file(CLASSES), {
      orgs: this.#orgs,
      sessions: this.#sessions,
      courses: this.#courses,
    });
    this.#users = new Users(file(USERS), this.#orgs);
    this.#demographics = new Demographics(file(DEMOGRAPHICS));
    this.#enrollments = new Enrollments(file(ENROLLMENTS), { classes: this.#classes, users: this.#users });
    this.#resources = new Resources(
      file(RESOURCES),
      { classes: file(CLASS_RESOURCES), courses: file(COURSE_RESOURCES) },
      { classes: this.#classes, courses: this.#courses },
    );
  }

  get kept(): ReadonlyMap<RecordKind, ReadonlySet<SourceId>> {
    return new Map([
      ['school', this.#orgs.ids.kept],
      ['term', this.#sessions.ids.kept],
      ['course', this.#courses.ids.kept],
      ['user', this.#users.ids.kept],
      ['section', this.#classes.ids.kept],
      ['resource', this.#resources.ids.kept],
    ]);
  }

  /**
   * The first pass. What is referred to is read and settled before what refers to it. It ends at a refused file when what
   * follows refers to that one: every reference would be a false alarm.
   */
  async check(previous: ReadingOptions['previous']): Promise<void> {
    const settle = (kind: RecordKind, of: { ids: Orgs['ids'] }) =>
      of.ids.settle((ids) => previous(kind, ids));
    await this.#orgs.check();
    if (this.problems.isRefused) return;
    await settle('school', this.#orgs);
    await this.#sessions.check();
    await settle('term', this.#sessions);
    await this.#courses.check();
    await settle('course', this.#courses);
    if (this.problems.isRefused) return;
    await this.#classes.check();
    await settle('section', this.#classes);
    await this.#users.check();
    if (this.problems.isRefused) return;
    await this.#demographics.check(this.#users.ids);
    await settle('user', this.#users);
    this.#users.contacts.check();
    await this.#enrollments.check();
    await settle('section', this.#classes);
    await this.#resources.check();
    await settle('resource', this.#resources);
    await this.#resources.checkAssignments();
    await settle('resource', this.#resources);
  }

  async *records(): AsyncGenerator<SourceRecord> {
    const muted = new FileReport(new ProblemList(), '');
    const elsewhere: ElsewhereOfUser = {
      demographicOf: (user) => this.#demographics.of(user),
      schoolsOf: (user) => this.#enrollments.schoolsOf(user),
      enrollmentsOf: (user) => this.#enrollments.enrollmentsOf(user),
    };
    yield* this.#orgs.records();
    yield* this.#sessions.records(muted);
    yield* this.#courses.records();
    yield* this.#users.records(elsewhere, muted);
    yield* this.#classes.records((section) => this.#enrollments.membersOf(section), muted);
    yield* this.#resources.records(muted);
  }
}
