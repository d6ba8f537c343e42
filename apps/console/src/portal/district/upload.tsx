import { Group, Progress, Stack, Text } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import '@mantine/dropzone/styles.css';
import { IconFileZip, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Zip, ZipDeflate } from 'fflate';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { upload } from '../../shared/api';
import type { Import } from '../../shared/imports';
import { ErrorState, Section } from '../../shared/states';
import { district as t } from '../../strings';
import { useDistrictScope, usePlace } from '../scope';

const ACCEPTED = {
  'text/csv': ['.csv'],
  'application/zip': ['.zip'],
  'application/x-zip-compressed': ['.zip'],
  // What a system with a spreadsheet installed takes CSV for.
  'application/vnd.ms-excel': ['.csv'],
};

/** A roster by drag and drop: the CSV files, or one zip of them. */
export function UploadSection() {
  const { id } = usePlace();
  const scope = useDistrictScope();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [fault, setFault] = useState<string>();
  const [stage, setStage] = useState<{ text: string; percent: number }>();
  const send = useMutation({
    mutationFn: async (files: File[]) => {
      setStage({ text: t.packing, percent: 0 });
      const archive = await archiveOf(files);
      return upload<Import>('/v1/district/imports', archive, {
        scope,
        onProgress: (share) => {
          const percent = Math.floor(share * 100);
          setStage({ text: percent < 100 ? t.sending(percent) : t.received, percent });
        },
      });
    },
    onSuccess: (report) => navigate(`/districts/${id}/imports/${report.id}`),
    onSettled: async () => {
      setStage(undefined);
      // One that is read later is in the list as soon as it has begun.
      await client.invalidateQueries({ queryKey: ['imports', scope] });
    },
  });
  const take = (files: File[]) => {
    const zips = files.filter(isZip).length;
    if (zips > 1 || (zips === 1 && files.length > 1)) return setFault(t.dropMixed);
    setFault(undefined);
    send.mutate(files);
  };
  return (
    <Section title={t.upload} lead={t.uploadLead}>
      <Dropzone
        onDrop={take}
        onReject={() => setFault(t.dropReject)}
        accept={ACCEPTED}
        disabled={send.isPending}
        inputProps={{ 'aria-label': t.drop }}
        aria-label={t.drop}
      >
        <Group justify="center" gap="md" mih={120} style={{ pointerEvents: 'none' }}>
          <Dropzone.Reject>
            <IconX size={36} aria-hidden />
          </Dropzone.Reject>
          <Dropzone.Accept>
            <IconFileZip size={36} aria-hidden />
          </Dropzone.Accept>
          <Dropzone.Idle>
            <IconFileZip size={36} aria-hidden />
          </Dropzone.Idle>
          <div>
            <Text fw={600}>{t.drop}</Text>
            <Text size="sm" c="dimmed">
              {t.dropOr}
            </Text>
          </div>
        </Group>
      </Dropzone>
      {stage && (
        <Stack gap={6} mt="md" role="status">
          <Text size="sm">{stage.text}</Text>
          <Progress value={stage.percent} animated={stage.percent === 100} aria-label={stage.text} />
        </Stack>
      )}
      {fault && (
        <Text c="red" size="sm" mt="sm" role="alert">
          {fault}
        </Text>
      )}
      {send.error && <ErrorState error={send.error} />}
    </Section>
  );
}

const isZip = ({ name }: File) => name.toLowerCase().endsWith('.zip');

/** The zip itself, or one made of the files: piece by piece, so that the page goes on answering. */
async function archiveOf(files: readonly File[]): Promise<Blob> {
  const [only] = files;
  if (only && isZip(only)) return only;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    pieces.push(piece);
  });
  for (const file of files) {
    const entry = new ZipDeflate(file.name, { level: 6 });
    zip.add(entry);
    const reader = file.stream().getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) entry.push(next.value);
    entry.push(new Uint8Array(0), true);
  }
  zip.end();
  return new Blob(pieces, { type: 'application/zip' });
}
