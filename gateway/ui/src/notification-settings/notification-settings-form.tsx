import type {
  MailTiming,
  NotificationChoice,
  NotificationPreferences,
} from '@credential-renewal/gateway/http-types';
import { Button, Group, Radio, Stack, Switch } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSetNotificationPreferences } from '../api/commands.ts';
import { FormError } from '../shell/form-error.tsx';
import { Notice } from '../shell/notice.tsx';
import panel from '../shell/panel.module.css';
import { TimeAgo } from '../time/time-ago.tsx';

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
  const [chosen, setChosen] = useState<NotificationChoice>({
    timing: saved.timing,
    reminders: saved.reminders,
  });
  const save = useSetNotificationPreferences();
  const isChanged = chosen.timing !== saved.timing || chosen.reminders !== saved.reminders;

  function choose(change: Partial<NotificationChoice>) {
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
      {saved.complainedAt !== null && <ComplainedNotice at={saved.complainedAt} />}
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

/** Somebody who pressed "spam" in a mail program may not know what it did, and may not have been the one who pressed. */
function ComplainedNotice({ at }: { at: string }) {
  return (
    <Notice tone="info" title="One of our mails was marked as spam in your mailbox">
      <p>
        Since then (<TimeAgo time={at} />) you get one mail when credentials of yours expire, and
        nothing else. If your mail provider drops that too, an administrator is told instead. Turn
        reminders on to get all mails again.
      </p>
    </Notice>
  );
}

function timingOf(value: string): MailTiming {
  return timings.find((timing) => timing.value === value)?.value ?? 'immediate';
}
