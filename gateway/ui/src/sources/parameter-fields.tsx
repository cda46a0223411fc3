import type { ConnectorParameter } from '@credential-renewal/gateway/http-types';
import { TextInput } from '@mantine/core';
import { fieldError } from '../shell/form-error.tsx';

type Props = {
  parameters: ConnectorParameter[];
  values: Record<string, string>;
  error: Error | null;
  onChange: (values: Record<string, string>) => void;
};

/** What a provider with a host for each customer has to be told: which one. */
export function ParameterFields({ parameters, values, error, onChange }: Props) {
  return parameters.map(({ name, label, help, example }) => (
    <TextInput
      key={name}
      label={label}
      description={help}
      placeholder={example}
      value={values[name] ?? ''}
      onChange={(event) => onChange({ ...values, [name]: event.currentTarget.value })}
      error={fieldError(error, parameterPointer(name))}
      maxLength={300}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
    />
  ));
}

export function areGiven(parameters: ConnectorParameter[], values: Record<string, string>) {
  return parameters.every(({ name }) => values[name]?.trim());
}

export function parameterPointer(name: string): string {
  return `/parameters/${name}`;
}
