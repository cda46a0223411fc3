import { expect, test } from 'vitest';
import { announcementOf } from './announcement.ts';

test('a credential that dies is announced once, not again while it stays dead', () => {
  expect(announcementOf('Drive', 'healthy', 'expired')).toBe('Drive needs renewal.');
  expect(announcementOf('Drive', 'delayed', 'insufficient_scope')).toBe('Drive needs renewal.');
  expect(announcementOf('Drive', 'expired', 'expired')).toBe(undefined);
  expect(announcementOf('Drive', 'expired', 'insufficient_scope')).toBe(undefined);
});

test('a healed credential is announced', () => {
  expect(announcementOf('Drive', 'expired', 'healthy')).toBe('Drive works again.');
});

test('a change that asks nothing of the reader is not announced', () => {
  expect(announcementOf('Drive', 'healthy', 'delayed')).toBe(undefined);
  expect(announcementOf('Drive', 'pending', 'healthy')).toBe(undefined);
});
