import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { migration as t } from '../strings';
import { get, type Path, type RequestOptions } from './api';
import { ErrorState } from './states';

/** Saves a sheet that the service writes; the request needs headers that a plain link does not carry. */
export function DownloadButton({
  path,
  options,
  name,
}: {
  path: Path;
  options: RequestOptions;
  name: string;
}) {
  const save = useMutation({
    mutationFn: async () => {
      const text = await get<string>(path, { ...options, query: { ...options.query, format: 'csv' } });
      const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      URL.revokeObjectURL(url);
    },
  });
  return (
    <div>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconDownload size={16} aria-hidden />}
        onClick={() => save.mutate()}
        loading={save.isPending}
      >
        {t.download}
      </Button>
      {save.error && <ErrorState error={save.error} />}
    </div>
  );
}
