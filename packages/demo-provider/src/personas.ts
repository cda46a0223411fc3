/** Somebody to sign in to the product as. `id` is the subject. */
export type Persona = {
  id: string;
  name: string;
  email: string;
  role: 'member' | 'admin';
  /** The customer organisation: the product's account claim. */
  account: string;
  accountName: string;
  /** What the sign-in page says of them. */
  about: string;
};

export const personas: readonly Persona[] = [
  {
    id: 'ada',
    name: 'Ada Lovett',
    email: 'ada@acme.example',
    role: 'member',
    account: 'acme',
    accountName: 'Acme',
    about: 'Creator of most sources',
  },
  {
    id: 'max',
    name: 'Max Weber',
    email: 'max@acme.example',
    role: 'member',
    account: 'acme',
    accountName: 'Acme',
    about: 'Member of the workspace Marketing',
  },
  {
    id: 'alma',
    name: 'Alma Ruiz',
    email: 'alma@acme.example',
    role: 'admin',
    account: 'acme',
    accountName: 'Acme',
    about: 'Administrator with an authorized connection',
  },
  {
    id: 'olga',
    name: 'Olga Stein',
    email: 'olga@globex.example',
    role: 'admin',
    account: 'globex',
    accountName: 'Globex',
    about: 'Administrator of another customer',
  },
];

export function findPersona(id: unknown): Persona | undefined {
  return personas.find((persona) => persona.id === id);
}
