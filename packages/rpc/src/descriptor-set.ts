import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { type DescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** The descriptors of every contract, each as the compiler wrote it. */
export type DescriptorSet = {
  /** The file's `FileDescriptorProto`, followed by those of everything it imports; undefined: no such file. */
  fileWithImports(name: string): Uint8Array[] | undefined;
  /** Name of the file that declares a service, method, message, field, enum or enum value by its full name. */
  fileDeclaring(symbol: string): string | undefined;
};

/** Reads the generated descriptor set of `proto/`. */
export function readDescriptorSet(): DescriptorSet {
  const path = fileURLToPath(import.meta.resolve('@credential-renewal/proto/descriptor-set'));
  return parseDescriptorSet(readFileSync(path));
}

/**
 * Indexes a `google.protobuf.FileDescriptorSet`. The bytes of each file are kept as they are: encoding a parsed
 * descriptor again loses what the parser does not know, such as custom options.
 */
export function parseDescriptorSet(bytes: Uint8Array): DescriptorSet {
  const files = new Map<string, { bytes: Uint8Array; imports: string[] }>();
  const declaringFile = new Map<string, string>();
  for (const fileBytes of splitFiles(bytes)) {
    const file = fromBinary(FileDescriptorProtoSchema, fileBytes);
    files.set(file.name, { bytes: fileBytes, imports: file.dependency });
    const scope = file.package === '' ? '' : `${file.package}.`;
    for (const symbol of symbolsOf(file, scope)) declaringFile.set(symbol, file.name);
  }
  return {
    fileDeclaring: (symbol) => declaringFile.get(symbol),
    fileWithImports(name) {
      if (!files.has(name)) return undefined;
      const found = new Map<string, Uint8Array>();
      const visit = (fileName: string) => {
        const file = files.get(fileName);
        if (file === undefined || found.has(fileName)) return;
        found.set(fileName, file.bytes);
        file.imports.forEach(visit);
      };
      visit(name);
      return [...found.values()];
    },
  };
}

/** `FileDescriptorSet` is one repeated field, `file = 1`. */
function splitFiles(bytes: Uint8Array): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const files: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === WireType.LengthDelimited) files.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return files;
}

type Scope = Pick<DescriptorProto, 'enumType'> & {
  messageType?: DescriptorProto[];
  service?: { name: string; method: { name: string }[] }[];
};

function* symbolsOf(scope: Scope, prefix: string): Generator<string> {
  for (const service of scope.service ?? []) {
    yield prefix + service.name;
    for (const method of service.method) yield `${prefix}${service.name}.${method.name}`;
  }
  for (const enumType of scope.enumType) {
    yield prefix + enumType.name;
    // Enum values are siblings of their type, as in C++ (descriptor.proto).
    for (const value of enumType.value) yield prefix + value.name;
  }
  for (const message of scope.messageType ?? []) {
    const inner = `${prefix}${message.name}.`;
    yield prefix + message.name;
    for (const field of message.field) yield inner + field.name;
    for (const oneof of message.oneofDecl) yield inner + oneof.name;
    yield* symbolsOf({ enumType: message.enumType, messageType: message.nestedType }, inner);
  }
}
