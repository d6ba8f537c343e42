import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../../shared/api';
import { notify } from '../../shared/dialogs';
import { common } from '../../strings';
import { usePartnerScope, type Api } from '../scope';

export type App = Api['PartnerAppResponse'];
/** What a partner's people change of an app; what is left out stays as it is. */
export type Change = Partial<
  Pick<App, 'purpose' | 'redirectUris' | 'publicKeys' | 'requestedFields' | 'requiredFields'>
>;

/** Saves what was changed of an app, and says so. */
export function useChangeApp(app: App) {
  const scope = usePartnerScope();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Change) => request('PATCH', `/v1/apps/${app.id}`, { scope, body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['partner-apps', scope] });
      notify(common.saved);
    },
  });
}
