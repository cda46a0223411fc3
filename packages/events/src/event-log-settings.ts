import type { Settings } from '@credential-renewal/runtime';
import { localPath, UrlPathInvalidError } from '@credential-renewal/storage';

/** Which event log a process uses. */
export type EventLogSettings = { engine: 'embedded'; directory: string } | KafkaSettings;

export type KafkaSettings = {
  engine: 'kafka';
  /** `host:port` each. */
  brokers: string[];
};

/** Reads `EVENT_LOG_URL`: `embedded:<directory>` or `kafka:host:port,host:port`. */
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

function readKafkaSettings(settings: Settings, url: string): KafkaSettings {
  const brokers = url.replace(/^kafka:(\/\/)?/, '').split(',');
  if (!brokers.every((broker) => /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/.test(broker))) {
    settings.problem('EVENT_LOG_URL must list its brokers: kafka:host:9092,host:9092');
  }
  return { engine: 'kafka', brokers };
}
