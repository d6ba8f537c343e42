import { DownloadButton } from '../../shared/download';
import { MigrationView, ReadinessBadge } from '../../shared/migration-view';
import { Loaded, PageTitle } from '../../shared/states';
import { migration as t } from '../../strings';
import { useAppScope } from '../scope';
import { useMigration } from './data';

export function MigrationPage() {
  const scope = useAppScope();
  const migration = useMigration();
  return (
    <>
      <PageTitle title={t.title} lead={t.lead}>
        {migration.data && <ReadinessBadge readiness={migration.data.readiness} />}
      </PageTitle>
      <Loaded query={migration}>
        {(detail) => (
          <MigrationView
            detail={detail}
            csv={<DownloadButton path="/v1/migration" options={{ scope }} name="migration.csv" />}
          />
        )}
      </Loaded>
    </>
  );
}
