import type { Connector } from '@credential-renewal/gateway/http-types';
import { Radio, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './connector-choice.module.css';
import { ConnectorMark } from './connector-mark.tsx';

/** A catalogue that fits on one screen needs no search field. */
const searchFrom = 9;

const kinds = [
  { kind: 'personal', title: 'Personal', hint: 'Uses your own account at the provider' },
  { kind: 'enterprise', title: 'Enterprise', hint: 'Uses an authorized connection' },
] as const;

type Props = {
  connectors: Connector[];
  value: string;
  label: string;
  onChange: (connectorId: string) => void;
};

export function ConnectorChoice({ connectors, value, label, onChange }: Props) {
  const [wanted, setWanted] = useState('');
  const found = connectors.filter(({ name }) =>
    name.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  const hasBothKinds = kinds.every(({ kind }) => connectors.some((one) => one.kind === kind));
  return (
    <Radio.Group label={label} value={value} onChange={onChange}>
      {connectors.length >= searchFrom && (
        <TextInput
          mt={6}
          aria-label="Search connectors"
          placeholder="Search"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      <div className={classes.scroll}>
        {kinds.map(({ kind, title, hint }) => {
          const ofKind = found.filter((connector) => connector.kind === kind);
          if (ofKind.length === 0) return null;
          return (
            <div key={kind}>
              {hasBothKinds && (
                <p className={classes.kind}>
                  <strong>{title}</strong> {hint}
                </p>
              )}
              <div className={classes.grid}>
                {ofKind.map(({ id, name }) => (
                  <Radio.Card key={id} value={id} className={classes.card}>
                    <ConnectorMark name={name} />
                    <span className={classes.name}>{name}</span>
                    <Radio.Indicator size="xs" />
                  </Radio.Card>
                ))}
              </div>
            </div>
          );
        })}
        {found.length === 0 && <p className={classes.kind}>No connector has that name.</p>}
      </div>
    </Radio.Group>
  );
}
