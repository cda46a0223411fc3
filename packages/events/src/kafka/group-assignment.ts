import { AssignerProtocol } from 'kafkajs';
import { partitionCount } from '../topic-partition.ts';
import type { GroupMember } from './kafka-cluster.ts';
import { type Place, placeOf } from './place.ts';

/** What a member says of itself when it joins. */
export type MemberWord = {
  topics: readonly string[];
  /** Partitions whose handlers still run: nobody else may begin there. */
  held: readonly Place[];
  /** Of the group when it got them; 0: none. A member that was away for a while holds what others have got since. */
  generation: number;
  /** It takes nothing more. */
  isLeaving: boolean;
};

/** What a member gets. */
export type MemberShare = {
  places: Place[];
  /** Of these, what another is to have as soon as the running handler is over. */
  handBack: Place[];
};

/** Every member must know it: a group that speaks another protocol refuses this one. */
export const groupProtocol = 'held-partitions';

/**
 * Shares the partitions out. Each belongs to one member by its number alone, so whoever leads the group comes to the same; one whose
 * handler still runs stays where it is until that is over. So a member joins without waiting for its handlers, and a slow one
 * holds up nobody but its partition.
 */
export function sharePartitions(
  members: readonly (MemberWord & { memberId: string })[],
): Map<string, MemberShare> {
  const shares = new Map(
    members.map(({ memberId }) => [memberId, { places: [], handBack: [] } as MemberShare]),
  );
  const sorted = [...members].sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
  const holders = findHolders(sorted);
  for (const topic of new Set(members.flatMap((member) => member.topics))) {
    const takers = sorted.filter((member) => !member.isLeaving && member.topics.includes(topic));
    for (let partition = 0; partition < partitionCount; partition++) {
      const place = { topic, partition };
      const owner = takers[partition % takers.length]?.memberId;
      const holder = holders.get(placeOf(topic, partition))?.memberId;
      const share = shares.get(holder ?? owner ?? '');
      share?.places.push(place);
      if (holder !== undefined && owner !== undefined && holder !== owner)
        share?.handBack.push(place);
    }
  }
  return shares;
}

function findHolders<Member extends MemberWord>(members: readonly Member[]): Map<string, Member> {
  const holders = new Map<string, Member>();
  for (const member of members) {
    for (const { topic, partition } of member.held) {
      const place = placeOf(topic, partition);
      if (member.generation > (holders.get(place)?.generation ?? -1)) holders.set(place, member);
    }
  }
  return holders;
}

const version = 0;

export function encodeWord({ topics, ...word }: MemberWord): Buffer {
  const userData = Buffer.from(JSON.stringify(word));
  return AssignerProtocol.MemberMetadata.encode({ version, topics: [...topics], userData });
}

/** What the leader of a group sends the coordinator: the share of each member. */
export function encodeShares(members: readonly GroupMember[]) {
  const words = members.map(({ memberId, memberMetadata }) => ({
    memberId,
    ...decodeWord(memberMetadata),
  }));
  return [...sharePartitions(words)].map(([memberId, share]) => ({
    memberId,
    memberAssignment: encodeShare(share),
  }));
}

function decodeWord(metadata: Buffer): MemberWord {
  const decoded = AssignerProtocol.MemberMetadata.decode(metadata);
  const word = { topics: decoded?.topics ?? [], held: [], generation: 0, isLeaving: false };
  return { ...word, ...(JSON.parse(decoded?.userData.toString() || '{}') as Partial<MemberWord>) };
}

// The partitions in the format of Kafka's own consumers, so that its tools can show who has what.
function encodeShare({ places, handBack }: MemberShare): Buffer {
  const byTopic = Map.groupBy(places, ({ topic }) => topic);
  const assignment = Object.fromEntries(
    [...byTopic].map(([topic, ofTopic]) => [topic, ofTopic.map(({ partition }) => partition)]),
  );
  const userData = Buffer.from(JSON.stringify({ handBack }));
  return AssignerProtocol.MemberAssignment.encode({ version, assignment, userData });
}

export function decodeShare(assignment: Buffer): MemberShare {
  const decoded = AssignerProtocol.MemberAssignment.decode(assignment);
  const places = Object.entries(decoded?.assignment ?? {}).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
  const { handBack = [] } = JSON.parse(
    decoded?.userData.toString() || '{}',
  ) as Partial<MemberShare>;
  return { places, handBack };
}
