import type { ProviderProfile } from './demo-provider.ts';

export const chatterProfile: ProviderProfile = {
  id: 'chatter',
  name: 'Chatter Enterprise',
  quirk:
    'Its tokens never end and are never refreshed; it answers 200 even when it refuses (ok: false).',
  accountNoun: 'workspace',
  suggestedAccounts: ['Acme', 'Acme Labs', 'Globex'],
  scopes: [
    { name: 'channels:read', description: 'See the channels' },
    { name: 'files:read', description: 'Read files in channels' },
    // Asked for by no connector until an overlay of the catalogue adds it.
    { name: 'members:read', description: 'See who is in the channels' },
  ],
  scopesOptional: false,
};
