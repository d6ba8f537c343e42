import { withClient } from '@hallpass/database';
import { to as copyTo } from 'pg-copy-streams';
import { answerWith, jobOf } from '../import/import-job.js';

/** What is to be copied, as the process's one argument in JSON. */
export interface CopyOutJob {
  url: string;
  districtId: string;
}

/** Reads the texts of a district's records by COPY, in the order of lists: the least that any export has to do. */
const { url, districtId } = jobOf<CopyOutJob>();

await withClient(url, (client) =>
  answerWith(async () => {
    const stream = client.query(
      copyTo(`copy (select doc from record_versions where district_id = ${client.escapeLiteral(districtId)}
        and to_seq = 9223372036854775807 order by kind, record_id) to stdout`),
    );
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    return String(bytes);
  }),
);
