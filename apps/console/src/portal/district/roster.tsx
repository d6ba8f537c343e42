import { PageTitle, Section } from '../../shared/states';
import { district as t } from '../../strings';
import { useDistrictScope } from '../scope';
import { findRecords } from './data';
import { RecordSearch, type Kind } from './record-search';

const KINDS: readonly Kind[] = [
  'student',
  'teacher',
  'staff',
  'contact',
  'district_admin',
  'section',
  'course',
  'term',
  'school',
  'resource',
];

/** The district's own records, as they were read from its files. */
export function RosterPage() {
  const scope = useDistrictScope();
  return (
    <>
      <PageTitle title={t.roster} lead={t.rosterLead} />
      <Section title={t.roster} isWholePage>
        <RecordSearch
          queryKey={['own-records', scope]}
          kinds={KINDS}
          label={t.searchRoster}
          fetchPage={(query, signal) => findRecords(scope, query, signal)}
        />
      </Section>
    </>
  );
}
