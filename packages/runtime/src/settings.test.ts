import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigurationInvalidError, readSettings } from './settings.ts';

test('values are read, trimmed, and replaced by their defaults when empty', () => {
  const env = {
    HOST: ' example ',
    PORT: '',
    LEVEL: 'debug',
    SECURE: 'true',
    STORE: 'sqlite:a.db',
    LOG: 'kafka:one:9092,two:9092',
  };
  expect(
    readSettings(env, (s) => ({
      host: s.text('HOST'),
      port: s.port('PORT', 3000),
      level: s.oneOf('LEVEL', ['info', 'debug'], 'info'),
      secure: s.flag('SECURE', false),
      store: s.url('STORE', ['sqlite']).href,
      name: s.optionalText('NAME'),
      size: s.integer('SIZE', 7),
      log: s.connectionString('LOG', ['kafka']),
    })),
  ).toEqual({
    host: 'example',
    port: 3000,
    level: 'debug',
    secure: true,
    store: 'sqlite:a.db',
    name: undefined,
    size: 7,
    log: 'kafka:one:9092,two:9092',
  });
});

test('every wrong variable is named at once, and no value is shown', () => {
  const env = {
    PORT: '70000-secret',
    LEVEL: 'secret',
    SECURE: 'secret',
    STORE: 'postgres://secret',
    SIZE: '3',
  };
  const read = () =>
    readSettings(env, (s) => {
      s.text('HOST');
      s.port('PORT', 1);
      s.oneOf('LEVEL', ['info', 'debug'], 'info');
      s.flag('SECURE', true);
      s.url('STORE', ['sqlite', 'mongodb']);
      s.url('BROKER', ['http']);
      s.integer('SIZE', 5, { min: 4, max: 9 });
      s.problem('KEY_FILE cannot be read');
    });
  expect(read).toThrow(ConfigurationInvalidError);
  expect(read).toThrow(
    expect.objectContaining({
      problems: [
        'HOST must be set',
        'PORT must be a whole number from 0 to 65535',
        'LEVEL must be one of info, debug',
        'SECURE must be one of true, false',
        'STORE must be a URL that begins with sqlite: or mongodb:',
        'BROKER must be set',
        'SIZE must be a whole number from 4 to 9',
        'KEY_FILE cannot be read',
      ],
      message: expect.not.stringContaining('secret'),
    }),
  );
});

test.each(['1e3', '0x10', '1.5', '9007199254740993', '-1'])(
  '%s is no whole number here',
  (text) => {
    expect(() => readSettings({ SIZE: text }, (s) => s.integer('SIZE', 5))).toThrow(/SIZE must be/);
  },
);

test('a reader that stumbles over a wrong value does not hide what is wrong', () => {
  const read = () =>
    readSettings({ STORE: 'nonsense' }, (s) => {
      const url = s.url('STORE', ['sqlite']);
      if (url.pathname === '') throw new TypeError('no path');
    });
  expect(read).toThrow(/STORE must be a URL that begins with sqlite:/);
});

test("a reader's own mistake is not hidden", () => {
  const read = () =>
    readSettings({}, () => {
      throw new TypeError('a bug');
    });
  expect(read).toThrow(TypeError);
});

test('a secret is read from its file, and what is wrong with the file is told without its content', () => {
  const directory = mkdtempSync(join(tmpdir(), 'settings-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = (name: string, content: string) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const read = (path: string | undefined) => () =>
    readSettings({ PASSWORD_FILE: path }, (s) => s.secretFile('PASSWORD_FILE'));
  expect(read(file('kept', ' with spaces \n'))()).toBe(' with spaces ');
  expect(read(undefined)()).toBeUndefined();
  expect(read(file('empty', '\n'))).toThrow('PASSWORD_FILE names an empty file');
  expect(read(join(directory, 'absent'))).toThrow(
    'PASSWORD_FILE names a file that cannot be read (ENOENT)',
  );
});
