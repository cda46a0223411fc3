import type { Settings } from '@credential-renewal/runtime';
import { localPath, UrlPathInvalidError } from '@credential-renewal/storage';
import { type KafkaSettings, readKafkaSettings } from './kafka/kafka-settings.ts';

/** Which event log a process uses. */
export type EventLogSettings = { engine: 'embedded'; directory: string } | KafkaSettings;

/** Reads `EVENT_LOG_URL`: `embedded:<directory>` or `kafka:host:port,host:port`; with `kafka:` also what kafka-settings.ts names. */
export function readEventLogSettings(settings: Settings): EventLogSettings {
  const url = settings.connectionString('EVENT_LOG_URL', ['embedded', 'kafka']);
  if (url.startsWith('kafka:')) return readKafkaSettings(settings, url);
  return { engine: 'embedded', directory: readDirectory(settings, url) };
}

function readDirectory(settings: Settings, url: string): string {
  // What is wrong with another scheme has been said.
  if (!url.startsWith('embedded:')) return '';
  try {
    return localPath(new URL(url));
  } catch (error) {
    const detail = error instanceof UrlPathInvalidError ? error.detail : 'is no URL';
    settings.problem(`EVENT_LOG_URL ${detail}`);
    return '';
  }
}
