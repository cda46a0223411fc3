import type { MailTiming, NotificationPreferences } from '@credential-renewal/gateway/http-types';
import { Button, Group, Radio, Stack, Switch } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSetNotificationPreferences } from '../api/commands.ts';
import { FormError } from '../shell/form-error.tsx';
import { Notice } from '../shell/notice.tsx';
import panel from '../shell/panel.module.css';

const timings: { value: MailTiming; label: string; hint: string }[] = [
  { value: 'immediate', label: 'Immediately', hint: 'A mail for each expiry, at once.' },
  {
    value: 'daily_digest',
    label: 'Once a day',
    hint: 'One mail a day with everything that waits for you.',
  },
  { value: 'in_app_only', label: 'Only here', hint: 'No mail. The pages show what waits for you.' },
];

type Props = { saved: NotificationPreferences };

export function NotificationSettingsForm({ saved }: Props) {
  const [chosen, setChosen] = useState(saved);
  const save = useSetNotificationPreferences();
  const isChanged = chosen.timing !== saved.timing || chosen.reminders !== saved.reminders;

  function choose(change: Partial<NotificationPreferences>) {
    setChosen((before) => ({ ...before, ...change }));
    // What was said of the last choice is not true of this one.
    if (!save.isPending) save.reset();
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (isChanged) save.mutate(chosen);
  }

  return (
    <form className={panel.panel} onSubmit={submit}>
      {save.isSuccess && !isChanged && <Notice tone="ok" title="Saved" />}
      <FormError error={save.error} pointers={[]} />
      <Stack gap="xl">
        <Radio.Group
          label="When credentials expire"
          value={chosen.timing}
          onChange={(value) => choose({ timing: timingOf(value) })}
        >
          <Stack gap="sm" mt="sm">
            {timings.map(({ value, label, hint }) => (
              <Radio key={value} value={value} label={label} description={hint} />
            ))}
          </Stack>
        </Radio.Group>
        <Switch
          label="Reminders"
          description="Mails again after 1, 3 and 7 days while credentials still wait for their renewal."
          checked={chosen.reminders}
          onChange={(event) => choose({ reminders: event.currentTarget.checked })}
        />
      </Stack>
      <Group mt="xl">
        <Button type="submit" loading={save.isPending} disabled={!isChanged}>
          Save
        </Button>
      </Group>
    </form>
  );
}

function timingOf(value: string): MailTiming {
  return timings.find((timing) => timing.value === value)?.value ?? 'immediate';
}
