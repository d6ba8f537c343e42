import { Select } from '@mantine/core';
import { createContext, useContext } from 'react';
import { useNavigate } from 'react-router';
import { common } from '../strings';
import type { components } from '../../dist/api/portal';
import { useSignedIn } from '../shared/session';

export type Api = components['schemas'];

/** The app or district whose pages are shown, and what the person may do there. */
interface Place {
  id: string;
  name: string;
  role: string;
  /** Of an app. */
  partnerId?: string;
}

export const PlaceContext = createContext<Place | undefined>(undefined);

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error('A page of an app or a district was shown outside of one.');
  return place;
}

export const useAppScope = () => ({ appId: usePlace().id });
/** For what the people of an app's partner do, and its server does not. */
export function usePartnerScope() {
  const { partnerId } = usePlace();
  if (!partnerId) throw new Error('A page of an app was shown outside of one.');
  return { partnerId };
}
export const useDistrictScope = () => ({ districtId: usePlace().id });
/** A viewer looks; everybody else also changes. */
export const useMayChange = () => usePlace().role !== 'viewer';

/** Every app and district of the person, by partner; the address says which one is shown. */
export function usePlaces() {
  const { memberships } = useSignedIn();
  const apps = memberships.partners.flatMap(({ id: partnerId, apps: own, role, name: partner }) =>
    own.map((app) => ({ ...app, role, partner, partnerId })),
  );
  return { apps, districts: memberships.districts, partners: memberships.partners };
}

export function ScopeSwitcher({ value }: { value: string }) {
  const { apps, districts, partners } = usePlaces();
  const navigate = useNavigate();
  const data = [
    ...partners.map(({ name, apps: own }) => ({
      group: name,
      items: own.map((app) => ({ value: `/apps/${app.id}`, label: app.name })),
    })),
    ...(districts.length > 0
      ? [
          {
            group: 'Districts',
            items: districts.map(({ id, name }) => ({ value: `/districts/${id}`, label: name })),
          },
        ]
      : []),
  ];
  if (apps.length + districts.length === 0) return null;
  return (
    <Select
      label={common.scope}
      data={data}
      value={value}
      searchable={apps.length + districts.length > 8}
      allowDeselect={false}
      onChange={(to) => to && void navigate(to)}
    />
  );
}
