import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionService,
} from '@credential-renewal/proto/grpc/reflection/v1/reflection';
import {
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { DescriptorSet } from './descriptor-set.ts';
import type { OpenStreams } from './open-streams.ts';

type Answer = NonNullable<ServerReflectionResponse['messageResponse']>;

const method = ServerReflectionService.serverReflectionInfo;

/** `grpc.reflection.v1` and, with the same messages under its older name, `v1alpha`, which many clients ask first. */
export const reflectionDefinitions: ServiceDefinition[] = ['v1', 'v1alpha'].map((version) => ({
  serverReflectionInfo: {
    ...method,
    path: method.path.replace('.v1.', `.${version}.`),
    requestStream: true,
    responseStream: true,
  },
}));

/** Serves the descriptors of `services` (full names) and of everything they use. */
export function createReflection(
  services: string[],
  descriptors: DescriptorSet,
  streams: OpenStreams,
): UntypedServiceImplementation {
  return {
    serverReflectionInfo(
      call: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>,
    ) {
      streams.add(call);
      call.on('data', (request: ServerReflectionRequest) => {
        const messageResponse = answerReflection(request.messageRequest, services, descriptors);
        call.write({ validHost: request.host, originalRequest: request, messageResponse });
      });
      call.on('end', () => call.end());
      // A client that breaks off needs no answer; without a listener the event would end the process.
      call.on('error', () => call.end());
    },
  };
}

export function answerReflection(
  asked: ServerReflectionRequest['messageRequest'],
  services: string[],
  descriptors: DescriptorSet,
): Answer {
  if (asked === undefined) return refuse(status.INVALID_ARGUMENT, 'The request asks for nothing');
  switch (asked.$case) {
    case 'listServices':
      return {
        $case: 'listServicesResponse',
        value: { service: services.map((name) => ({ name })) },
      };
    case 'fileByFilename':
      return answerFile(descriptors.fileWithImports(asked.value), asked.value);
    case 'fileContainingSymbol': {
      const file = descriptors.fileDeclaring(asked.value);
      return answerFile(descriptors.fileWithImports(file ?? ''), asked.value);
    }
    case 'fileContainingExtension':
    case 'allExtensionNumbersOfType':
      return refuse(status.NOT_FOUND, 'The contracts declare no extensions');
    default:
      return asked satisfies never;
  }
}

function answerFile(files: Uint8Array[] | undefined, asked: string): Answer {
  if (files === undefined) return refuse(status.NOT_FOUND, `Not known here: ${asked}`);
  return {
    $case: 'fileDescriptorResponse',
    value: { fileDescriptorProto: files.map((bytes) => Buffer.from(bytes)) },
  };
}

function refuse(errorCode: status, errorMessage: string): Answer {
  return { $case: 'errorResponse', value: { errorCode, errorMessage } };
}
