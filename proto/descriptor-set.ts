import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** A FileDescriptorSet without the places and comments of its sources, which make up most of it. */
export function withoutSourceInfo(descriptorSet: Uint8Array): Buffer {
  const set = fromBinary(FileDescriptorSetSchema, descriptorSet);
  for (const file of set.file) delete file.sourceCodeInfo;
  return Buffer.from(toBinary(FileDescriptorSetSchema, set));
}
