import type { DescEnum, DescEnumValue, DescField, DescFile, DescMessage } from '@bufbuild/protobuf';

export type Commented = DescMessage | DescField | DescEnum | DescEnumValue;

/** Field numbers in descriptor.proto: what the paths of source locations are made of. */
const inFile = { message: 4, enum: 5 } as const;
const inMessage = { field: 2, message: 3, enum: 4 } as const;
const inEnum = { value: 2 } as const;

/** The comment in front of an element of a proto, as running text; empty where there is none. */
export function commentOf(element: Commented): string {
  const wanted = pathOf(element).join('.');
  const location = fileOf(element).proto.sourceCodeInfo?.location.find(
    ({ path }) => path.join('.') === wanted,
  );
  const paragraphs = (location?.leadingComments ?? '').split(/\n\s*\n/);
  return paragraphs.map((lines) => lines.replace(/\s+/g, ' ').trim()).join('\n\n');
}

function pathOf(element: Commented): number[] {
  const indexIn = (siblings: readonly unknown[]) => siblings.indexOf(element.proto);
  switch (element.kind) {
    case 'message': {
      const { parent, file } = element;
      if (parent) return [...pathOf(parent), inMessage.message, indexIn(parent.proto.nestedType)];
      return [inFile.message, indexIn(file.proto.messageType)];
    }
    case 'enum': {
      const { parent, file } = element;
      if (parent) return [...pathOf(parent), inMessage.enum, indexIn(parent.proto.enumType)];
      return [inFile.enum, indexIn(file.proto.enumType)];
    }
    case 'field':
      return [...pathOf(element.parent), inMessage.field, indexIn(element.parent.proto.field)];
    case 'enum_value':
      return [...pathOf(element.parent), inEnum.value, indexIn(element.parent.proto.value)];
    default:
      return element satisfies never;
  }
}

function fileOf(element: Commented): DescFile {
  return 'file' in element ? element.file : element.parent.file;
}
