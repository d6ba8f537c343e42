import { Loader, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get } from '../shared/api';
import { common, district, staff as t } from '../strings';
import type { Api, Mode } from './data';

/** Whether a limit refuses, or only counts. */
export function ModeSelect({ value, onChange }: { value: Mode; onChange: (mode: Mode) => void }) {
  return (
    <Select
      label={t.mode}
      data={[
        { value: 'enforce', label: t.enforce },
        { value: 'shadow', label: t.shadow },
      ]}
      value={value}
      allowDeselect={false}
      onChange={(mode) => mode && onChange(mode)}
    />
  );
}

interface SubjectProps {
  of: 'apps' | 'districts';
  label: string;
  value: string | null;
  onChange: (id: string | null) => void;
}

/** An app or a district, looked for by a part of its name: there are thousands. None: all of them. */
export function SubjectSelect({ of, label, value, onChange }: SubjectProps) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState('');
  const [q] = useDebouncedValue(text.trim(), 250);
  const found = useQuery({
    queryKey: ['search', q],
    enabled: q !== '' && q !== chosen,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<Api['SearchResponse']>('/v1/search', { signal, query: { q } }),
  });
  const options = (found.data?.[of] ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const isKnown = value === null || options.some((each) => each.value === value);
  return (
    <Select
      label={label}
      placeholder={common.all}
      description={t.subjectHint}
      data={isKnown ? options : [...options, { value, label: chosen }]}
      value={value}
      onChange={(id, option) => {
        setChosen(option?.label ?? '');
        onChange(id);
      }}
      searchable
      searchValue={text}
      onSearchChange={setText}
      // The service has searched already.
      filter={({ options: all }) => all}
      nothingFoundMessage={q === '' ? undefined : t.subjectNone}
      rightSection={found.isFetching ? <Loader size="xs" aria-label={district.looking} /> : undefined}
      clearable
      clearButtonProps={{ 'aria-label': `${common.none}: ${label}` }}
    />
  );
}
