import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { ServerReflectionRequest } from '@credential-renewal/proto/grpc/reflection/v1/reflection';
import { expect, test } from 'vitest';
import { readDescriptorSet } from './descriptor-set.ts';
import { mailSaying, startLoopback } from './loopback-fixture.ts';
import { answerReflection } from './reflection-service.ts';

const bufEntry = fileURLToPath(import.meta.resolve('@bufbuild/buf/bin/buf'));
const descriptors = readDescriptorSet();
const services = ['credential_vault.v1.CredentialVaultService'];

function ask(request: ServerReflectionRequest['messageRequest']) {
  return answerReflection(request, services, descriptors);
}

/** Names of the files in an answer. */
function filesIn(answer: ReturnType<typeof ask>): string[] {
  if (answer.$case !== 'fileDescriptorResponse') throw new Error(JSON.stringify(answer));
  return answer.value.fileDescriptorProto.map(
    (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
  );
}

test('a symbol of any kind leads to its file and everything that it imports', () => {
  for (const symbol of [
    'credential_vault.v1.CredentialVaultService',
    'credential_vault.v1.CredentialVaultService.GetCredential',
    'credential_vault.v1.GetCredentialRequest',
    'credential_vault.v1.Failure.answer_lost',
  ]) {
    const files = filesIn(ask({ $case: 'fileContainingSymbol', value: symbol }));
    expect(files[0]).toBe('credential_vault/v1/credential_vault.proto');
    expect(files).toContain('google/protobuf/duration.proto');
    expect(new Set(files).size).toBe(files.length);
  }
  for (const nested of [
    'source_registry.v1.Recipient.Why',
    'source_registry.v1.Recipient.WHY_CREATOR',
    'source_registry.v1.ListAuditEntriesRequest.subject',
  ]) {
    const [file] = filesIn(ask({ $case: 'fileContainingSymbol', value: nested }));
    expect(file).toBe('source_registry/v1/source_registry.proto');
  }
});

test('a file is found by its name', () => {
  const name = 'google/rpc/status.proto';
  const files = filesIn(ask({ $case: 'fileByFilename', value: name }));
  expect(files).toEqual([name, 'google/protobuf/any.proto']);
});

test('what is unknown is refused with NOT_FOUND and an empty question with INVALID_ARGUMENT', () => {
  for (const request of [
    { $case: 'fileByFilename', value: 'unknown.proto' },
    { $case: 'fileContainingSymbol', value: 'unknown.v1.Service' },
    { $case: 'fileContainingSymbol', value: '' },
    { $case: 'allExtensionNumbersOfType', value: 'google.rpc.Status' },
  ] as const) {
    expect(ask(request)).toMatchObject({ $case: 'errorResponse', value: { errorCode: 5 } });
  }
  expect(ask(undefined)).toMatchObject({ $case: 'errorResponse', value: { errorCode: 3 } });
});

test('a client that knows no contract lists, understands and calls the services by reflection', async () => {
  const { server } = await startLoopback(async ({ mailId }) => mailSaying(mailId), {
    address: '127.0.0.1:0',
  });
  const curl = async (...args: string[]) => {
    const flags = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge'];
    const { stdout } = await promisify(execFile)(process.execPath, [bufEntry, ...flags, ...args]);
    return stdout;
  };
  const base = `http://${server.address}`;
  const [methods, answer] = await Promise.all([
    curl('--list-methods', base),
    curl(
      '--reflect',
      '-d',
      '{"mailId":"m1"}',
      `${base}/notification.v1.NotificationService/GetMail`,
    ),
  ]);
  expect(methods.trim().split('\n')).toEqual([
    'grpc.health.v1.Health/Check',
    'grpc.health.v1.Health/List',
    'grpc.health.v1.Health/Watch',
    'notification.v1.NotificationService/GetMail',
    'notification.v1.NotificationService/ListMails',
  ]);
  expect(JSON.parse(answer)).toEqual({ mail: { id: 'mail-1', text: 'm1' } });
}, 20_000);
